using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.Versioning;

namespace Containerd.Client;

/// <summary>
/// Folders for the named pipes and sockets of this process, 0700, under the machine's run directory. Each is named after the process that made it and the
/// moment that process started, so that those of a process that was killed are recognised and swept by the next one.
/// </summary>
internal static class PrivateFolder
{
    private static readonly ConcurrentDictionary<string, bool> Swept = new(StringComparer.Ordinal);
    private static int _count;

    /// <summary>Whether the run directory is this user's alone.</summary>
    private static bool IsOwn => Environment.IsPrivilegedProcess || RunDirectory() != Path.GetTempPath();

    /// <summary>Makes a folder.</summary>
    /// <param name="kind">What for: a folder of its own below the module's.</param>
    internal static string Make(string kind = "stdio")
    {
        // In a directory that all may write to, a name that can be foreseen may be somebody else's before.
        if (!OperatingSystem.IsLinux() || !IsOwn)
            return Directory.CreateTempSubdirectory($"containerd-powershell-{kind}-").FullName;
        var root = Path.Combine(RunDirectory(), "containerd-powershell", kind);
        if (Swept.TryAdd(kind, true))
            Sweep(root);
        var path = Path.Combine(root, NameOf(ProcessMark.Of(Environment.ProcessId)), Interlocked.Increment(ref _count).ToString(CultureInfo.InvariantCulture));
        while (true)
        {
            try
            {
                Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                return path;
            }
            catch (DirectoryNotFoundException)
            {
                // Another thread's Remove took the empty parent away at this very moment.
            }
        }
    }

    internal static void Remove(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
            // The last one out: fails while others are inside, as it should.
            if (OperatingSystem.IsLinux() && IsOwn)
                Directory.Delete(Path.GetDirectoryName(path)!);
        }
        catch (IOException)
        {
        }
    }

    [SupportedOSPlatform("linux")]
    private static void Sweep(string root)
    {
        if (!Directory.Exists(root))
            return;
        foreach (var folder in Directory.EnumerateDirectories(root))
        {
            var parts = Path.GetFileName(folder).Split('-');
            if (int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && NameOf(ProcessMark.Of(pid)) == Path.GetFileName(folder))
                continue;
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another process sweeps too, or it is another user's.
            }
        }
    }

    [SupportedOSPlatform("linux")]
    private static string NameOf(ProcessMark? process) => string.Create(CultureInfo.InvariantCulture, $"{process?.Pid}-{process?.StartTime}");

    /// <summary>Where what lasts until the machine is started again lies: the user's own folder, or root's.</summary>
    internal static string RunDirectory() =>
        Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } own && !Environment.IsPrivilegedProcess ? own
        : Environment.IsPrivilegedProcess ? "/run"
        : Path.GetTempPath();
}
