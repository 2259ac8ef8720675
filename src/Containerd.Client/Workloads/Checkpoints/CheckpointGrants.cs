using Containerd.Client.Transport;
using Containerd.Host;
using WireRunc = Containerd.Client.Wire.Runc;

namespace Containerd.Client.Workloads.Checkpoints;

/// <summary>The privileges on the host that the spec of a checkpoint grants its container, beyond those of an ordinary container.</summary>
internal static class CheckpointGrants
{
    private const int Most = 10;

    // The defaults of a container without any of these options.
    private static readonly string[] OwnNamespaces = ["pid", "ipc", "uts", "mount", "network"];
    private static readonly string[] Ordinary = ["proc", "tmpfs", "devpts", "mqueue", "sysfs", "cgroup", "cgroup2"];

    /// <summary>Reads a spec.</summary>
    /// <param name="text">The spec.</param>
    /// <param name="manifest">The checkpoint's manifest, which names the runtime and the labels.</param>
    /// <returns>One line for each kind of grant, without control characters.</returns>
    internal static IReadOnlyList<string> Of(string text, CheckpointManifest manifest)
    {
        CtrSpec spec;
        try
        {
            spec = CtrSpec.Parse(text);
        }
        catch (CtrArgumentException)
        {
            return ["a spec that cannot be read"];
        }

        var grants = new List<string>();
        Add("programs that run on the host as hooks", Hooks(spec.Hooks));
        Add("files of the host", (spec.Mounts ?? []).Where(m => !Ordinary.Contains(m?.Type)).Select(Describe));
        if (spec.Root?.Path is { Length: > 0 } root && Path.IsPathRooted(root))
            Add("a directory of the host as its root", [root]);
        Add(IsPrivileged(spec) ? "privileged mode, with the capabilities" : "capabilities", Capabilities(spec.Process));
        Add("devices", Devices(spec.Linux));
        Add(
            "the host's own namespaces",
            OwnNamespaces.Except((spec.Linux?.Namespaces ?? []).Select(n => n?.Type ?? ""), StringComparer.Ordinal)
        );
        Add(
            "namespaces of other processes",
            (spec.Linux?.Namespaces ?? []).Where(n => !string.IsNullOrEmpty(n?.Path)).Select(n => n.ToString())
        );
        if (spec.Linux?.Seccomp is null)
            grants.Add("all system calls");
        if (spec.Linux?.MaskedPaths is not { Length: > 0 })
            grants.Add("the kernel's files in /proc and /sys unmasked");
        Add("kernel parameters", (spec.Linux?.Sysctl ?? []).Select(s => $"{s.Key}={s.Value}"));
        Add("annotations", (spec.Annotations ?? []).Select(a => $"{a.Key}={a.Value}"));
        Add(
            "labels that other programs act on",
            manifest
                .Labels.Where(l => l.Key.StartsWith("containerd.io/restart", StringComparison.Ordinal))
                .Select(l => $"{l.Key}={l.Value}")
        );
        if (manifest.Runtime != "io.containerd.runc.v2" || RuntimeProgram(manifest) is not null)
            Add("another runtime", new[] { manifest.Runtime, RuntimeProgram(manifest) }.OfType<string>());
        return grants;

        void Add(string what, IEnumerable<string> values)
        {
            var all = values.ToList();
            if (all.Count > 0)
                grants.Add(
                    $"{what}: {string.Join(", ", all.Take(Most).Select(PlainText.Of))}"
                        + $"{(all.Count > Most ? $" and {all.Count - Most} more" : "")}"
                );
        }
    }

    private static IEnumerable<string> Hooks(CtrSpecHooks? hooks) =>
        new[] { hooks?.Prestart, hooks?.CreateRuntime, hooks?.CreateContainer, hooks?.StartContainer, hooks?.Poststart, hooks?.Poststop }
            .SelectMany(kind => kind ?? [])
            .Select(hook => string.Join(' ', (hook.Args ?? []).Skip(1).Prepend(hook.Path)));

    private static string Describe(CtrSpecMount mount) =>
        $"{mount.Source ?? mount.Type} on {mount.Destination}{((mount.Options ?? []).Contains("ro") ? " (read-only)" : "")}";

    private static bool IsPrivileged(CtrSpec spec) =>
        (spec.Process?.Capabilities?.Bounding ?? []).Contains("CAP_SYS_ADMIN")
        && spec.Linux?.Seccomp is null
        && spec.Linux?.MaskedPaths is not { Length: > 0 };

    private static IEnumerable<string> Capabilities(CtrSpecProcess? process)
    {
        var all = process?.Capabilities;
        return new[] { all?.Bounding, all?.Effective, all?.Permitted, all?.Inheritable, all?.Ambient }
            .SelectMany(set => set ?? [])
            .Distinct(StringComparer.Ordinal)
            .Except(CapabilityNames.Default, StringComparer.Ordinal);
    }

    private static IEnumerable<string> Devices(CtrSpecLinux? linux)
    {
        if ((linux?.Resources?.Devices ?? []).Any(r => r is { Allow: true } && r.Type is null or "a" or "" && r.Major is null or < 0))
            yield return "all";
        foreach (var device in linux?.Devices ?? [])
            yield return device.Path;
    }

    private static string? RuntimeProgram(CheckpointManifest manifest)
    {
        if (manifest.RuntimeOptions is not { Length: > 0 } bytes)
            return null;
        try
        {
            return WireRunc.Options.Parser.ParseFrom(bytes).BinaryName is { Length: > 0 } program ? program : null;
        }
        catch (Google.Protobuf.InvalidProtocolBufferException)
        {
            return "options that cannot be read";
        }
    }
}
