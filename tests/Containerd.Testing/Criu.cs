namespace Containerd.Testing;

/// <summary>CRIU of a later Debian suite: bookworm's fails on recent kernels.</summary>
public static class Criu
{
    private static readonly Lazy<Task<string>> Folder = new(async () =>
    {
        var folder = Directory.CreateTempSubdirectory("containerd-criu-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        File.CreateSymbolicLink(Path.Combine(folder, "criu"), Path.Combine(await DebianSuite.FolderAsync("sid"), "bin", "criu"));
        return folder;
    });

    private static readonly Lazy<Task<string?>> Failure = new(async () =>
    {
        var (code, output, error) = await Shell.TryAsync(Path.Combine(await Folder.Value, "criu"), "check");
        return code == 0 ? null : $"CRIU does not work with this machine's kernel: {error.Trim()} {output.Trim()}";
    });

    /// <summary>A folder with nothing but criu, for a daemon's search path.</summary>
    public static Task<string> FolderAsync() => Folder.Value;

    /// <summary>Why CRIU cannot work on this machine; null when it can.</summary>
    public static Task<string?> FailureAsync() => Failure.Value;

    /// <summary>Whether the machine itself has one where a daemon would find it.</summary>
    public static bool IsInstalled =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "criu")));
}
