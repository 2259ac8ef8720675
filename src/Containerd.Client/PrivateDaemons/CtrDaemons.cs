using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Containerd.Client.PrivateDaemons;
using Containerd.Host;
using Containerd.Host.Errors;
using Containerd.Host.Files;
using Containerd.Host.Processes;

namespace Containerd.Client;

/// <summary>
/// Starts, finds and stops private daemons: a containerd with its own socket, data folder and supervisor, which stops when the process that
/// started it exits.
/// </summary>
public static class CtrDaemons
{
    // Processes in user namespaces need access to their root file systems.
    private const UnixFileMode Passable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    // A configuration that other users may read, like that of the machine's own daemon.
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    // The time limit for the supervisor after its daemon has exited: it has 15 s for the leftovers of each task.
    private static readonly TimeSpan CleanUpTimeout = TimeSpan.FromSeconds(45);

    /// <summary>The default time limit for a daemon to stop by itself. The script of the supervisor contains it too.</summary>
    public static TimeSpan DefaultGrace { get; } = TimeSpan.FromSeconds(15);

    private const string Shell = "/bin/sh";

    // A supervisor exits when its standard input ends: these hold the other ends of the pipes.
    private static readonly ConcurrentDictionary<string, Process> Supervisors = new(StringComparer.Ordinal);

    /// <summary>Starts a private daemon and waits until it answers.</summary>
    /// <param name="options">The options.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. Cancellation stops the daemon again.</param>
    /// <returns>The running daemon.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public static async Task<CtrDaemon> StartAsync(CtrDaemonOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!OperatingSystem.IsLinux())
            throw new CtrNotSupportedException("Private daemons are started on Linux only.") { ErrorId = ErrorIds.DaemonNotSupported };
        if (!Environment.IsPrivilegedProcess)
        {
            throw new CtrPermissionException("Only root can start a private containerd.")
            {
                ErrorId = ErrorIds.DaemonNeedsRoot,
                Remedy = "Run as root.",
            };
        }

        return await StartOnLinuxAsync(options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lists the private daemons of this machine, whichever process started them.</summary>
    /// <returns>The daemons, sorted by name, running or not.</returns>
    public static IReadOnlyList<CtrDaemon> Find() =>
        OperatingSystem.IsLinux() ? [.. DaemonRegistry.All().Select(DaemonRegistry.Describe)] : [];

    /// <summary>Stops a private daemon and removes its leftovers: processes, mounts, cgroups, and the folder if it is ephemeral.</summary>
    /// <param name="name">The name of the daemon.</param>
    /// <param name="force">Whether running tasks are killed; otherwise they are an error.</param>
    /// <param name="removeData">Whether the data folder is removed even if it is not ephemeral.</param>
    /// <param name="grace">
    /// The time limit for containerd to stop before it is killed; <see cref="Timeout.InfiniteTimeSpan"/> for no limit, null for
    /// <see cref="DefaultGrace"/>.
    /// </param>
    /// <param name="cancellationToken">
    /// The token to monitor for cancellation requests. The daemon stops even if the wait is canceled.
    /// </param>
    /// <returns>A task that completes when the daemon is removed.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public static async Task StopAsync(
        string name,
        bool force = false,
        bool removeData = false,
        TimeSpan? grace = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var record =
            OperatingSystem.IsLinux() && IsName(name) && DaemonRegistry.Exists()
                ? DaemonRecord.Read(DaemonRegistry.DirectoryOf(name))
                : null;
        if (!OperatingSystem.IsLinux() || record is null)
            throw NotFound(name);
        if (!force && DaemonTasks.Running(record) is { Count: > 0 } tasks)
        {
            throw new CtrConflictException(
                $"The daemon '{name}' is still running {(tasks.Count == 1 ? "a task" : $"{tasks.Count} tasks")}: {Some(tasks)}."
            )
            {
                ErrorId = ErrorIds.DaemonHasTasks,
                Subject = name,
                Remedy = "Stop them first, or force the stop of the daemon, which kills them.",
            };
        }

        await EndAsync(record, removeData, grace, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The error for a name without a private daemon.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The error, not thrown.</returns>
    internal static CtrNotFoundException NotFound(string name) =>
        new($"There is no private daemon '{name}'.")
        {
            ErrorId = ErrorIds.DaemonNotFound,
            Subject = name,
            Remedy = "List the private daemons of this machine, and check the name.",
        };

    [SupportedOSPlatform("linux")]
    private static async Task<CtrDaemon> StartOnLinuxAsync(CtrDaemonOptions options, CancellationToken cancellationToken)
    {
        var name = options.Name ?? "private-" + RandomNumberGenerator.GetHexString(6, lowercase: true);
        if (!IsName(name))
        {
            throw new CtrArgumentException($"'{name}' cannot be a daemon's name.")
            {
                ErrorId = ErrorIds.InvalidDaemonName,
                Subject = name,
                Remedy =
                    $"Use up to {DaemonRegistry.LongestName} letters, digits, dots, dashes and underscores, the first one a letter "
                    + "or digit.",
            };
        }

        var searchPath = HostProgram.SearchPath(options.SearchPath);
        var containerd = FindContainerd(options.ContainerdPath, searchPath);
        var imported = options.ConfigPath is null ? null : Path.GetFullPath(options.ConfigPath);
        if (imported is not null && !File.Exists(imported))
            throw new CtrNotFoundException($"The configuration file {imported} does not exist.")
            {
                ErrorId = ErrorIds.PathNotFound,
                Subject = imported,
            };

        var record = new DaemonRecord
        {
            Name = name,
            Ephemeral = options.Path is null,
            Detached = options.Detached,
            ContainerdPath = containerd,
            SearchPath = searchPath,
            StartedAt = DateTime.Now,
            Owner = options.Detached ? default : ProcessMark.Of(Environment.ProcessId) ?? default,
        };
        Process supervisor;
        long logged;
        using (await LockWhenFreeAsync(name, options.Path, cancellationToken).ConfigureAwait(false))
        {
            await MakeRoomAsync(name, options.Path, cancellationToken).ConfigureAwait(false);
            record.Path = MakeFolder(name, options.Path);
            logged = File.Exists(record.LogPath) ? new FileInfo(record.LogPath).Length : 0;
            var directory = DaemonRegistry.DirectoryOf(name);
            Directory.CreateDirectory(directory, TrustedFolder.FolderMode);
            // Of a daemon that could not be removed completely.
            File.Delete(DaemonRegistry.EndingOf(name));
            WriteScript(name);
            TrustedFolder.Write(
                Path.Combine(record.Path, "config.toml"),
                Encoding.UTF8.GetBytes(DaemonConfig.Write(record.Path, DaemonRegistry.SocketOf(name), imported)),
                Readable
            );
            supervisor = Launch(record, options.Environment);
            record.Supervisor = ProcessMark.Of(supervisor.Id) ?? default;
            record.Write(directory);
        }

        if (options.Detached)
        {
            supervisor.StandardInput.Close();
            supervisor.Dispose();
        }
        else
        {
            Supervisors[name] = supervisor;
        }

        try
        {
            record.Version = await WaitUntilReadyAsync(record, logged, LongTime.Comparable(options.Timeout), cancellationToken)
                .ConfigureAwait(false);
            record.Write(DaemonRegistry.DirectoryOf(name));
            TrustedFolder.Write(Path.Combine(DaemonRegistry.DirectoryOf(name), "ready"), []);
        }
        catch
        {
            await EndAsync(record, removeData: false, grace: null, CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        return DaemonRegistry.Describe(record);
    }

    /// <summary>
    /// Locks the registry once no daemon with that name or folder is being stopped: for some seconds after the exit of a PowerShell its
    /// daemon is still stopping.
    /// </summary>
    [SupportedOSPlatform("linux")]
    private static async Task<IDisposable> LockWhenFreeAsync(string name, string? path, CancellationToken cancellationToken)
    {
        while (true)
        {
            var registry = await DaemonRegistry.LockAsync(cancellationToken).ConfigureAwait(false);
            if (OthersOf(name, path).FirstOrDefault(DaemonRegistry.IsEnding) is not { } ending)
                return registry;
            // Not under the lock, so that starts of other daemons do not have to wait.
            registry.Dispose();
            await AwaitSupervisorAsync(ending, DefaultGrace, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The daemons with a name or folder.</summary>
    [SupportedOSPlatform("linux")]
    private static DaemonRecord[] OthersOf(string name, string? path)
    {
        var folder = path is null ? null : Path.GetFullPath(path);
        return [.. DaemonRegistry.All().Where(other => other.Name == name || other.Path == folder)];
    }

    /// <summary>Rejects a name or folder that is in use, and removes leftovers of a dead daemon with that name or folder.</summary>
    [SupportedOSPlatform("linux")]
    private static async Task MakeRoomAsync(string name, string? path, CancellationToken cancellationToken)
    {
        var folder = path is null ? null : Path.GetFullPath(path);
        foreach (var other in OthersOf(name, path))
        {
            if (DaemonRegistry.Describe(other).State != CtrDaemonState.Stopped)
            {
                throw other.Name == name
                    ? new CtrConflictException($"A private daemon '{name}' already exists.")
                    {
                        ErrorId = ErrorIds.DaemonExists,
                        Subject = name,
                        Remedy = "Use another name, or stop that daemon.",
                    }
                    : new CtrConflictException($"The folder {folder} is in use by the private daemon '{other.Name}'.")
                    {
                        ErrorId = ErrorIds.DaemonPathInUse,
                        Subject = folder,
                        Remedy = "Use another folder, or stop that daemon.",
                    };
            }

            await SweepAsync(other, cancellationToken).ConfigureAwait(false);
        }
    }

    [SupportedOSPlatform("linux")]
    private static string MakeFolder(string name, string? path)
    {
        if (path is null)
        {
            var fresh = Directory.CreateTempSubdirectory($"containerd-{name}-").FullName;
            File.SetUnixFileMode(fresh, Passable);
            return fresh;
        }

        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        try
        {
            MakePassable(path);
            return path;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CtrArgumentException($"The folder {path} could not be created: {exception.Message}", exception)
            {
                ErrorId = ErrorIds.InvalidDaemonPath,
                Subject = path,
            };
        }
    }

    /// <summary>Creates a folder and missing parent folders, writable only for this user regardless of the umask.</summary>
    [SupportedOSPlatform("linux")]
    private static void MakePassable(string path)
    {
        if (Directory.Exists(path))
            return;
        if (Path.GetDirectoryName(path) is { Length: > 0 } parent)
            MakePassable(parent);
        Directory.CreateDirectory(path, Passable);
    }

    [SupportedOSPlatform("linux")]
    private static Process Launch(DaemonRecord record, IReadOnlyDictionary<string, string> environment)
    {
        // In a separate session: it must not receive Ctrl+C or the hangup of a terminal.
        var setsid = SystemProgram("setsid");
        var start = HostProgram.Prepare(
            setsid,
            [Shell, .. ScriptArguments("run", record), record.Detached ? "detached" : "attached", record.ContainerdPath]
        );
        start.RedirectStandardInput = true;
        start.Environment["PATH"] = record.SearchPath;
        start.Environment.Remove("NOTIFY_SOCKET");
        foreach (var (variable, value) in environment)
            start.Environment[variable] = value;
        return HostProgram.Start(start);
    }

    [SupportedOSPlatform("linux")]
    private static string[] ScriptArguments(string mode, DaemonRecord record) =>
        [
            DaemonRegistry.ScriptOf(record.Name),
            mode,
            DaemonRegistry.DirectoryOf(record.Name),
            record.Path,
            record.Ephemeral ? "ephemeral" : "kept",
        ];

    [SupportedOSPlatform("linux")]
    private static void WriteScript(string name)
    {
        using var script = Assembly.GetExecutingAssembly().GetManifestResourceStream("supervise.sh")!;
        using var bytes = new MemoryStream();
        script.CopyTo(bytes);
        TrustedFolder.Write(DaemonRegistry.ScriptOf(name), bytes.ToArray());
    }

    [SupportedOSPlatform("linux")]
    private static async Task<string> WaitUntilReadyAsync(
        DaemonRecord record,
        long logged,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            // Checked before the query: a daemon that fails in between is detected in the next iteration.
            var alive = record.Supervisor.IsAlive;
            if (
                await DaemonProbe.VersionAsync(DaemonRegistry.SocketOf(record.Name), cancellationToken).ConfigureAwait(false) is { } version
            )
                return version;
            if (!alive)
            {
                // The supervisor has removed an ephemeral folder, except for its log.
                var log = record.Ephemeral ? record.Path + ".log" : record.LogPath;
                throw new CtrRuntimeException($"containerd did not start: {DaemonLog.Reason(log, logged) ?? "it wrote nothing to its log"}")
                {
                    ErrorId = ErrorIds.DaemonStartFailed,
                    Subject = record.Name,
                    Remedy = $"Its log is {log}.",
                };
            }

            if (waiting.Elapsed > timeout)
            {
                throw new CtrTimeoutException(
                    $"containerd did not answer within {timeout.TotalSeconds:0.###} s. The end of its log: "
                        + $"{DaemonLog.Reason(record.LogPath, logged) ?? "nothing"}"
                )
                {
                    ErrorId = ErrorIds.DaemonStartTimedOut,
                    Subject = record.Name,
                    Remedy = "Allow it more time.",
                };
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until a supervisor has stopped its daemon and removed its leftovers.</summary>
    /// <param name="record">The daemon.</param>
    /// <param name="limit">The time limit for containerd; the clean-up has <see cref="CleanUpTimeout"/> in addition.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    [SupportedOSPlatform("linux")]
    private static async Task AwaitSupervisorAsync(DaemonRecord record, TimeSpan limit, CancellationToken cancellationToken)
    {
        var waiting = Stopwatch.StartNew();
        while (record.Supervisor.IsAlive)
        {
            if (waiting.Elapsed - CleanUpTimeout > limit)
            {
                throw new CtrTimeoutException($"The daemon '{record.Name}' did not exit within {waiting.Elapsed.TotalSeconds:0} s.")
                {
                    ErrorId = ErrorIds.DaemonStopTimedOut,
                    Subject = record.Name,
                    Remedy = $"Its log is {record.LogPath}.",
                };
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    [SupportedOSPlatform("linux")]
    private static async Task EndAsync(DaemonRecord record, bool removeData, TimeSpan? grace, CancellationToken cancellationToken)
    {
        var directory = DaemonRegistry.DirectoryOf(record.Name);
        if (removeData && Directory.Exists(directory))
            TrustedFolder.Write(Path.Combine(directory, "remove-data"), []);
        var limit = LongTime.Comparable(grace ?? DefaultGrace);
        if (grace is not null && Directory.Exists(directory))
            TrustedFolder.Write(
                Path.Combine(directory, "grace"),
                Encoding.ASCII.GetBytes($"{limit.Ticks / (TimeSpan.TicksPerSecond / 10)}\n")
            );
        record.Supervisor.Signal(ProcessMark.Terminate);
        await AwaitSupervisorAsync(record, limit, cancellationToken).ConfigureAwait(false);
        if (Supervisors.TryRemove(record.Name, out var supervisor))
            supervisor.Dispose();

        // A killed supervisor has not cleaned up.
        using (await DaemonRegistry.LockAsync(cancellationToken).ConfigureAwait(false))
        {
            if (DaemonRecord.Read(directory) is { } left && left.Supervisor == record.Supervisor)
                await SweepAsync(record, cancellationToken).ConfigureAwait(false);
        }
    }

    [SupportedOSPlatform("linux")]
    private static async Task SweepAsync(DaemonRecord record, CancellationToken cancellationToken)
    {
        WriteScript(record.Name);
        var start = HostProgram.Prepare(Shell, ScriptArguments("sweep", record));
        start.RedirectStandardError = start.RedirectStandardOutput = true;
        start.Environment["PATH"] = record.SearchPath;
        using var sweep = HostProgram.Start(start);
        var said = Task.WhenAll(
            sweep.StandardOutput.ReadToEndAsync(cancellationToken),
            sweep.StandardError.ReadToEndAsync(cancellationToken)
        );
        await sweep.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        if (Directory.Exists(DaemonRegistry.DirectoryOf(record.Name)))
        {
            throw new CtrRuntimeException(
                $"The daemon '{record.Name}' could not be cleaned up: {string.Join(' ', await said.ConfigureAwait(false)).Trim()}"
            )
            {
                ErrorId = ErrorIds.DaemonCleanupFailed,
                Subject = record.Name,
            };
        }
    }

    /// <summary>A program of the base system that the supervisor requires.</summary>
    private static string SystemProgram(string name) =>
        HostProgram.FindSystem(name)
        ?? throw new CtrNotFoundException($"The program '{name}' does not exist on this machine.")
        {
            ErrorId = ErrorIds.ProgramNotFound,
            Subject = name,
            Remedy = "Install the package that contains it, on Debian util-linux.",
        };

    [SupportedOSPlatform("linux")]
    private static string FindContainerd(string? wanted, string searchPath)
    {
        var name = wanted ?? "containerd";
        var found =
            !name.Contains('/', StringComparison.Ordinal) ? HostProgram.Find(name, searchPath)
            : Path.GetFullPath(name) is var path && HostProgram.IsExecutable(path) ? path
            : null;
        return found
            ?? throw new CtrNotFoundException($"There is no executable '{name}' on this machine.")
            {
                ErrorId = ErrorIds.ContainerdNotFound,
                Subject = name,
                Remedy = "Install it, on Debian with 'apt-get install containerd runc', or specify its path.",
            };
    }

    [SupportedOSPlatform("linux")]
    private static bool IsName(string name) =>
        name.Length is > 0 and <= DaemonRegistry.LongestName
        && char.IsAsciiLetterOrDigit(name[0])
        && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_');

    private static string Some(IReadOnlyList<string> names) => string.Join(", ", names.Take(5)) + (names.Count > 5 ? ", …" : "");
}
