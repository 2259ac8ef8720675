using System.Runtime.InteropServices;

namespace Containerd.Oci.Images;

/// <summary>An operating system and architecture with their names in Go and OCI, in one canonical spelling.</summary>
internal sealed record ImagePlatform(string OperatingSystem, string Architecture, string Variant)
{
    /// <summary>The platform of this process.</summary>
    public static ImagePlatform Host { get; } = Canonical(HostSystem(), HostArchitecture(), "");

    /// <summary>The canonical spelling of a platform: x86_64 is amd64, arm64/v8 is arm64, arm is arm/v7.</summary>
    public static ImagePlatform Canonical(string? system, string? architecture, string? variant)
    {
        var os = Lower(system) is "macos" ? "darwin" : Lower(system);
        var (arch, var) = (Lower(architecture), Lower(variant)) switch
        {
            ("i386", _) => ("386", ""),
            ("x86_64" or "x86-64" or "amd64", "v1") => ("amd64", ""),
            ("x86_64" or "x86-64" or "amd64", var v) => ("amd64", v),
            ("aarch64" or "arm64", "8" or "v8") => ("arm64", ""),
            ("aarch64" or "arm64", var v) => ("arm64", v),
            ("armhf", _) => ("arm", "v7"),
            ("armel", _) => ("arm", "v6"),
            ("arm", "" or "7") => ("arm", "v7"),
            ("arm", "5" or "6" or "8") => ("arm", "v" + Lower(variant)),
            var (a, v) => (a, v),
        };
        return new ImagePlatform(os, arch, var);
    }

    /// <summary>Reads <c>linux/arm64</c>, <c>linux/arm/v7</c>, or an architecture alone, for the operating system of the host.</summary>
    /// <exception cref="CtrArgumentException">InvalidPlatform.</exception>
    public static ImagePlatform Parse(string text, ImagePlatform host)
    {
        var parts = text.Trim().Split('/');
        if (parts.Length > 3 || parts.Any(p => p.Length == 0 || !p.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')))
        {
            throw new CtrArgumentException($"'{text}' is not a platform.")
            {
                ErrorId = ErrorIds.InvalidPlatform,
                Subject = text,
                Remedy = "Write it as os/architecture[/variant], such as linux/arm64 or linux/arm/v7.",
            };
        }

        return parts.Length switch
        {
            1 when parts[0] is "linux" or "windows" or "darwin" or "freebsd" => Canonical(parts[0], host.Architecture, host.Variant),
            1 => Canonical(host.OperatingSystem, parts[0], ""),
            2 => Canonical(parts[0], parts[1], ""),
            _ => Canonical(parts[0], parts[1], parts[2]),
        };
    }

    /// <summary>
    /// The platforms that this machine can run, the best first: amd64 also runs 386, arm64 also runs arm/v8 down to v5, and each runs its
    /// lower variants.
    /// </summary>
    public IReadOnlyList<ImagePlatform> Runnable()
    {
        var list = new List<ImagePlatform> { this };
        switch (Architecture)
        {
            case "amd64":
                for (var v = Level(Variant) - 1; v >= 1; v--)
                    list.Add(Canonical(OperatingSystem, "amd64", "v" + v));
                list.Add(Canonical(OperatingSystem, "386", ""));
                break;
            case "arm":
                for (var v = Level(Variant) - 1; v >= 5; v--)
                    list.Add(Canonical(OperatingSystem, "arm", "v" + v));
                break;
            case "arm64":
                if (Variant.Length > 0)
                    list.Add(Canonical(OperatingSystem, "arm64", ""));
                for (var v = 8; v >= 5; v--)
                    list.Add(Canonical(OperatingSystem, "arm", "v" + v));
                break;
        }

        return list;
    }

    /// <summary>Whether it is a real platform: build attestations are stored as unknown/unknown.</summary>
    public bool IsKnown => OperatingSystem is not ("" or "unknown") && Architecture is not ("" or "unknown");

    public override string ToString() =>
        Variant.Length > 0 ? $"{OperatingSystem}/{Architecture}/{Variant}" : $"{OperatingSystem}/{Architecture}";

    private static int Level(string variant) =>
        variant.Length > 1 && int.TryParse(variant.AsSpan(1), out var level) && level < 100 ? level : 0;

    private static string HostSystem() =>
        System.OperatingSystem.IsWindows() ? "windows"
        : System.OperatingSystem.IsMacOS() ? "darwin"
        : "linux";

    private static string HostArchitecture() =>
        RuntimeInformation.OSArchitecture switch
        {
            System.Runtime.InteropServices.Architecture.X64 => "amd64",
            System.Runtime.InteropServices.Architecture.X86 => "386",
            System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
            System.Runtime.InteropServices.Architecture.Arm or System.Runtime.InteropServices.Architecture.Armv6 => "arm",
            var other => Lower(other.ToString()),
        };

    // Canonical spellings of the field are lowercase.
    private static string Lower(string? text) => string.Create((text ?? "").Length, text ?? "", static (span, value) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = char.ToLowerInvariant(value[i]);
        });
}
