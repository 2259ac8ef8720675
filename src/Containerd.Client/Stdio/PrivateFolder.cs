using System.Globalization;

namespace Containerd.Client;

/// <summary>
/// Folders for the named pipes of this process, 0700, under the machine's run directory. Each is named after the process that made it and the
/// moment that process started, so that those of a process that was killed are recognised and swept by the next one.
/// </summary>
internal static class PrivateFolder
{
    private static readonly string Root = Path.Combine(RunDirectory(), "containerd-powershell", "stdio");
    private static readonly Lazy<string> Own = new(() => $"{Environment.ProcessId}-{StartOf(Environment.ProcessId)}");
    private static int _swept;
    private static int _count;

    internal static string Make()
    {
        if (Interlocked.Exchange(ref _swept, 1) == 0)
            Sweep();
        var path = Path.Combine(Root, Own.Value, Interlocked.Increment(ref _count).ToString(CultureInfo.InvariantCulture));
        if (OperatingSystem.IsWindows())
            throw new CtrNotSupportedException("The standard streams of processes are connected through named pipes of a unix.") { ErrorId = "StdioNotSupported" };
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
            Directory.Delete(Path.GetDirectoryName(path)!);
        }
        catch (IOException)
        {
        }
    }

    private static void Sweep()
    {
        if (!Directory.Exists(Root))
            return;
        foreach (var folder in Directory.EnumerateDirectories(Root))
        {
            var parts = Path.GetFileName(folder).Split('-');
            if (parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && StartOf(pid) == parts[1])
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

    /// <summary>When a process started, in clock ticks since boot; empty when there is no such process. With the pid it names a process for good.</summary>
    private static string StartOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            // The command name may hold spaces and brackets; what follows the last bracket does not.
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static string RunDirectory() =>
        Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } own && !Environment.IsPrivilegedProcess ? own
        : Environment.IsPrivilegedProcess ? "/run"
        : Path.GetTempPath();
}
