using System.Diagnostics;
using System.Runtime.Versioning;
using Containerd.Host.Files;
using Containerd.Host.Processes;

namespace Containerd.Client.PrivateDaemons;

/// <summary>
/// The private daemons of this machine. Each has a directory here, a folder with its name: its socket (a data folder's path can be too long
/// for one), its record and the files by which it talks to its supervisor.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class DaemonRegistry
{
    /// <summary>
    /// The kernel's limit for a socket path is 107 bytes; with a name of this length, even the path of the second socket is shorter.
    /// </summary>
    public const int LongestName = 48;

    private const string Kind = "daemons";

    private static string Root => RunFolder.Of(Kind);

    public static string DirectoryOf(string name) => Path.Combine(Root, name);

    public static string SocketOf(string name) => Path.Combine(DirectoryOf(name), "containerd.sock");

    public static string ScriptOf(string name) => Path.Combine(DirectoryOf(name), "supervise.sh");

    /// <summary>Whether there are records, and no other user could have written them.</summary>
    /// <exception cref="CtrPermissionException">Another user could (UntrustedFolder).</exception>
    public static bool Exists() => RunFolder.Check(Kind);

    /// <summary>Lists all recorded daemons, running or not.</summary>
    /// <exception cref="CtrPermissionException">Another user could have written the records (UntrustedFolder).</exception>
    public static IEnumerable<DaemonRecord> All()
    {
        if (!Exists())
            return [];
        string[] directories;
        try
        {
            directories = Directory.GetDirectories(Root);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            directories = [];
        }

        return directories.Order(StringComparer.Ordinal).Select(DaemonRecord.Read).OfType<DaemonRecord>();
    }

    /// <summary>
    /// Locks the registry for one process at a time, so that two processes do not start daemons with the same name or folder.
    /// </summary>
    public static async Task<IDisposable> LockAsync(CancellationToken cancellationToken)
    {
        var root = RunFolder.Make(Kind);
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return new FileStream(
                    Path.Combine(root, ".lock"),
                    new FileStreamOptions
                    {
                        Mode = FileMode.OpenOrCreate,
                        Access = FileAccess.ReadWrite,
                        Share = FileShare.None,
                        UnixCreateMode = TrustedFolder.FileMode,
                    }
                );
            }
            catch (IOException exception)
            {
                if (waiting.Elapsed > TimeSpan.FromSeconds(30))
                    throw new CtrTimeoutException(
                        $"Another process has kept the private daemons' registry {root} locked for 30 s.",
                        exception
                    );
            }

            await Task.Delay(20, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// The file with which a supervisor indicates that it is stopping containerd and cleaning up. Until it has detected the exit of the
    /// process that started it, that exit indicates the same.
    /// </summary>
    public static string EndingOf(string name) => Path.Combine(DirectoryOf(name), "ending");

    /// <summary>Whether a daemon is being removed, with everything that belongs to it.</summary>
    public static bool IsEnding(DaemonRecord record) =>
        record.Supervisor.IsAlive
        && (File.Exists(EndingOf(record.Name)) || (record is { Detached: false, Owner.Pid: > 0 } && !record.Owner.IsAlive));

    public static CtrDaemon Describe(DaemonRecord record)
    {
        var pid = ContainerdOf(record.Name)?.Pid ?? 0;
        return new CtrDaemon
        {
            Name = record.Name,
            Address = "unix://" + SocketOf(record.Name),
            Pid = pid,
            State =
                IsEnding(record) ? CtrDaemonState.Stopping
                : pid > 0
                    ? DaemonProbe.Listens(SocketOf(record.Name)) ? CtrDaemonState.Running
                        : CtrDaemonState.Starting
                : record.Supervisor.IsAlive ? CtrDaemonState.Failed
                : CtrDaemonState.Stopped,
            Version = record.Version,
            Path = record.Path,
            LogPath = record.LogPath,
            Ephemeral = record.Ephemeral,
            Detached = record.Detached,
            StartedAt = record.StartedAt,
        };
    }

    /// <summary>The containerd process of the daemon, as recorded by the supervisor; null if it is not running.</summary>
    public static ProcessMark? ContainerdOf(string name)
    {
        try
        {
            return
                File.ReadAllText(Path.Combine(DirectoryOf(name), "pid")).Split(' ', StringSplitOptions.TrimEntries)
                    is [var pid, var started]
                && int.TryParse(pid, out var id)
                && long.TryParse(started, out var startTime)
                && new ProcessMark(id, startTime) is { IsAlive: true } mark
                ? mark
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
