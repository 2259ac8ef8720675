using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Containerd.Testing;
using Google.Protobuf.Reflection;

namespace Containerd.Client.Tests.Wire;

/// <summary>
/// containerd's own .proto files as Debian packages them, several versions of containerd, compiled to descriptors. The
/// packages come from tests/fixture/debian-protos.sh, or are there already: then CONTAINERD_PROTOS names the folders into
/// which they were unpacked, one per version, separated as in PATH.
/// </summary>
public sealed partial class DebianProtos : IAsyncLifetime
{
    internal IReadOnlyList<string> Folders { get; private set; } = [];

    internal IReadOnlyList<PackagedProto> Protos { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        Folders = await FindFoldersAsync();
        var packages = WireContract.Files.Select(file => file.Package).ToHashSet();
        var protos = new List<PackagedProto>();
        foreach (var folder in Folders)
        {
            var source = Path.Combine(folder, "usr/share/gocode/src");
            var files = Directory.EnumerateFiles(Path.Combine(source, "github.com/containerd"), "*.proto", SearchOption.AllDirectories);
            foreach (var file in files.Order(StringComparer.Ordinal))
            {
                var package = PackageLine().Match(await File.ReadAllTextAsync(file)).Groups[1].Value;
                if (packages.Contains(package))
                    protos.Add(new PackagedProto(Origin(folder, source, file), await CompileAsync(source, file)));
            }
        }

        Protos = protos;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task<IReadOnlyList<string>> FindFoldersAsync()
    {
        var given = Environment.GetEnvironmentVariable("CONTAINERD_PROTOS");
        if (!string.IsNullOrEmpty(given))
            return given.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);

        var output = await Shell.RunAsync("bash", Repository.Fixture("debian-protos.sh"));
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>One file at a time: a package may bring the same message in two places.</summary>
    private static async Task<FileDescriptorProto> CompileAsync(string source, string file)
    {
        var output = Path.GetTempFileName();
        try
        {
            await Shell.RunAsync(
                Protoc,
                $"--descriptor_set_out={output}",
                $"-I{source}",
                $"-I{Path.Combine(source, "github.com/containerd/containerd/api")}",
                $"-I{Path.Combine(source, "github.com/gogo/protobuf")}",
                $"-I{Path.Combine(source, "github.com/gogo/googleapis")}",
                $"-I{Path.Combine(GrpcTools, "build/native/include")}",
                file
            );
            return FileDescriptorSet.Parser.ParseFrom(await File.ReadAllBytesAsync(output)).File.Single();
        }
        finally
        {
            File.Delete(output);
        }
    }

    /// <summary>The folder of the package, as the build knew it.</summary>
    private static string GrpcTools { get; } =
        typeof(DebianProtos)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == "GrpcTools")
            .Value!;

    private static string Protoc
    {
        get
        {
            var system =
                OperatingSystem.IsWindows() ? "windows"
                : OperatingSystem.IsMacOS() ? "macosx"
                : "linux";
            var machine = OperatingSystem.IsMacOS() ? "universal" : RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
            return Path.Combine(GrpcTools, "tools", $"{system}_{machine}", OperatingSystem.IsWindows() ? "protoc.exe" : "protoc");
        }
    }

    /// <summary>The package's folder carries its version in its name.</summary>
    private static string Origin(string folder, string source, string file) =>
        $"{Path.GetFileName(folder)}: {Path.GetRelativePath(source, file)}";

    [GeneratedRegex(@"^package\s+([\w.]+)\s*;", RegexOptions.Multiline)]
    private static partial Regex PackageLine();
}
