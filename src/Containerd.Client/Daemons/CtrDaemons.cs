using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace Containerd.Client;

/// <summary>Starts, finds and stops private daemons: a containerd with a socket, a data folder and a supervisor to itself, which ends with the process that started it.</summary>
public static class CtrDaemons
{
    private const UnixFileMode OnlyOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // The processes of user namespaces have to get through to their root file systems.
    private const UnixFileMode Passable = OnlyOwner | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    // The supervisor gives its daemon 15 s to end by itself, and as long for each task's leftovers.
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(60);

    private static readonly string[] UsualFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    // A supervisor ends when its standard input does: these hold the other ends of the pipes.
    private static readonly ConcurrentDictionary<string, Process> Supervisors = new(StringComparer.Ordinal);

    /// <summary>Starts a private daemon and waits until it answers.</summary>
    /// <param name="options">How to start it.</param>
    /// <param name="cancellation">Gives up waiting and stops it again.</param>
    /// <returns>The running daemon.</returns>
    public static async Task<CtrDaemon> StartAsync(CtrDaemonOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!OperatingSystem.IsLinux())
            throw new CtrNotSupportedException("Private daemons are started on Linux only.") { ErrorId = "DaemonNotSupported" };
        if (!Environment.IsPrivilegedProcess)
        {
            throw new CtrPermissionException("Only root can start a containerd.")
            {
                ErrorId = "DaemonNeedsRoot",
                Remedy = "Run PowerShell as root, for example with 'sudo pwsh'.",
            };
        }

        return await StartOnLinuxAsync(options, cancellation);
    }

    /// <summary>The private daemons of this machine, whoever started them.</summary>
    /// <returns>The daemons in the order of their names, running or not.</returns>
    public static IReadOnlyList<CtrDaemon> Find() =>
        OperatingSystem.IsLinux() ? [.. DaemonRegistry.All().Select(DaemonRegistry.Describe)] : [];

    /// <summary>Stops a private daemon and removes what it left: processes, mounts, cgroups, and the folder if it is ephemeral.</summary>
    /// <param name="name">The daemon's name.</param>
    /// <param name="force">Whether running tasks are killed; without it they are an error.</param>
    /// <param name="removeData">Whether the data folder is removed even when it is not ephemeral.</param>
    /// <param name="cancellation">Gives up waiting; the daemon stops nevertheless.</param>
    /// <returns>When all is gone.</returns>
    public static async Task StopAsync(string name, bool force = false, bool removeData = false, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var record = OperatingSystem.IsLinux() && IsName(name) ? DaemonRecord.Read(DaemonRegistry.PlaceOf(name)) : null;
        if (!OperatingSystem.IsLinux() || record is null) throw NotFound(name);
        if (!force && DaemonTasks.Running(record) is { Count: > 0 } tasks)
        {
            throw new CtrConflictException($"The daemon '{name}' still runs {(tasks.Count == 1 ? "a task" : $"{tasks.Count} tasks")}: {Some(tasks)}.")
            {
                ErrorId = "DaemonHasTasks",
                Subject = name,
                Remedy = "Stop them first, or use -Force, which kills them.",
            };
        }

        await EndAsync(record, removeData, cancellation);
    }

    /// <summary>The error for a name that no private daemon has.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The error, not thrown.</returns>
    public static CtrNotFoundException NotFound(string name) => new($"There is no private daemon '{name}'.")
    {
        ErrorId = "DaemonNotFound",
        Subject = name,
        Remedy = "Get-CtrDaemon lists the private daemons of this machine.",
    };

    [SupportedOSPlatform("linux")]
    private static async Task<CtrDaemon> StartOnLinuxAsync(CtrDaemonOptions options, CancellationToken cancellation)
    {
        var name = options.Name ?? "private-" + RandomNumberGenerator.GetHexString(6, lowercase: true);
        if (!IsName(name))
        {
            throw new CtrArgumentException($"'{name}' cannot be a daemon's name.")
            {
                ErrorId = "InvalidDaemonName",
                Subject = name,
                Remedy = $"Use up to {DaemonRegistry.LongestName} letters, digits, dots, dashes and underscores, the first one a letter or digit.",
            };
        }

        var searchPath = SearchPath(options);
        var containerd = FindContainerd(options.ContainerdPath, searchPath);
        var imported = options.ConfigPath is null ? null : Path.GetFullPath(options.ConfigPath);
        if (imported is not null && !File.Exists(imported))
            throw new CtrNotFoundException($"The configuration file {imported} does not exist.") { ErrorId = "PathNotFound", Subject = imported };

        var record = new DaemonRecord
        {
            Name = name,
            Ephemeral = options.Path is null,
            Detached = options.Detached,
            ContainerdPath = containerd,
            SearchPath = searchPath,
            StartedAt = DateTime.Now,
        };
        Process supervisor;
        long logged;
        using (await DaemonRegistry.LockAsync(cancellation))
        {
            await MakeRoomAsync(name, options.Path, cancellation);
            record.Path = MakeFolder(name, options.Path);
            logged = File.Exists(record.LogPath) ? new FileInfo(record.LogPath).Length : 0;
            var place = DaemonRegistry.PlaceOf(name);
            Directory.CreateDirectory(place, OnlyOwner);
            WriteScript(name);
            File.WriteAllText(Path.Combine(record.Path, "config.toml"), DaemonConfig.Write(record.Path, DaemonRegistry.SocketOf(name), imported));
            supervisor = Launch(record, options.Environment);
            record.Supervisor = ProcessMark.Of(supervisor.Id) ?? default;
            record.Write(place);
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
            record.Version = await WaitUntilReadyAsync(record, logged, options.Timeout, cancellation);
            record.Write(DaemonRegistry.PlaceOf(name));
            await File.WriteAllBytesAsync(Path.Combine(DaemonRegistry.PlaceOf(name), "ready"), [], CancellationToken.None);
        }
        catch
        {
            await EndAsync(record, removeData: false, CancellationToken.None);
            throw;
        }

        return DaemonRegistry.Describe(record);
    }

    /// <summary>Refuses a name or folder that is in use, and sweeps away what a dead daemon of that name or folder left.</summary>
    [SupportedOSPlatform("linux")]
    private static async Task MakeRoomAsync(string name, string? path, CancellationToken cancellation)
    {
        var folder = path is null ? null : Path.GetFullPath(path);
        foreach (var other in DaemonRegistry.All().Where(other => other.Name == name || other.Path == folder).ToArray())
        {
            if (DaemonRegistry.Describe(other).State != CtrDaemonState.Stopped)
            {
                throw other.Name == name
                    ? new CtrConflictException($"There is a private daemon '{name}' already.")
                    {
                        ErrorId = "DaemonExists",
                        Subject = name,
                        Remedy = $"Use another name, or stop it with: Stop-CtrDaemon {name}",
                    }
                    : new CtrConflictException($"The folder {folder} is in use by the private daemon '{other.Name}'.")
                    {
                        ErrorId = "DaemonPathInUse",
                        Subject = folder,
                        Remedy = $"Use another folder, or stop it with: Stop-CtrDaemon {other.Name}",
                    };
            }

            await SweepAsync(other, cancellation);
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
            Directory.CreateDirectory(path, Passable);
            return path;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CtrArgumentException($"The folder {path} cannot be made: {exception.Message}", exception) { ErrorId = "InvalidDaemonPath", Subject = path };
        }
    }

    [SupportedOSPlatform("linux")]
    private static Process Launch(DaemonRecord record, IReadOnlyDictionary<string, string> environment)
    {
        // In a session of its own: neither Ctrl+C nor the end of a terminal is for it.
        var start = new ProcessStartInfo("setsid") { UseShellExecute = false, RedirectStandardInput = true };
        start.ArgumentList.Add("sh");
        foreach (var argument in ScriptArguments("run", record)) start.ArgumentList.Add(argument);
        start.ArgumentList.Add(record.Detached ? "detached" : "attached");
        start.ArgumentList.Add(record.ContainerdPath);
        start.Environment["PATH"] = record.SearchPath;
        start.Environment.Remove("NOTIFY_SOCKET");
        foreach (var (variable, value) in environment) start.Environment[variable] = value;
        return Process.Start(start)!;
    }

    [SupportedOSPlatform("linux")]
    private static string[] ScriptArguments(string mode, DaemonRecord record) =>
        [DaemonRegistry.ScriptOf(record.Name), mode, DaemonRegistry.PlaceOf(record.Name), record.Path, record.Ephemeral ? "ephemeral" : "kept"];

    [SupportedOSPlatform("linux")]
    private static void WriteScript(string name)
    {
        using var script = Assembly.GetExecutingAssembly().GetManifestResourceStream("supervise.sh")!;
        using var file = File.Create(DaemonRegistry.ScriptOf(name));
        script.CopyTo(file);
    }

    [SupportedOSPlatform("linux")]
    private static async Task<string> WaitUntilReadyAsync(DaemonRecord record, long logged, TimeSpan timeout, CancellationToken cancellation)
    {
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            // Looked at before the question: a daemon that fails in between is seen the next time round.
            var alive = record.Supervisor.IsAlive;
            if (await DaemonProbe.VersionAsync(DaemonRegistry.SocketOf(record.Name), cancellation) is { } version) return version;
            if (!alive)
            {
                // The supervisor has removed an ephemeral folder, but for its log.
                var log = record.Ephemeral ? record.Path + ".log" : record.LogPath;
                throw new CtrRuntimeException($"containerd did not start: {DaemonLog.Reason(log, logged) ?? "it wrote nothing to its log"}")
                {
                    ErrorId = "DaemonStartFailed",
                    Subject = record.Name,
                    Remedy = $"Its log is {log}.",
                };
            }

            if (waiting.Elapsed > timeout)
            {
                throw new CtrTimeoutException(
                    $"containerd did not answer within {timeout.TotalSeconds:0.###} s. The end of its log: {DaemonLog.Reason(record.LogPath, logged) ?? "nothing"}")
                {
                    ErrorId = "DaemonStartTimedOut",
                    Subject = record.Name,
                    Remedy = "Allow it more time with -Timeout.",
                };
            }

            await Task.Delay(Pause, cancellation);
        }
    }

    [SupportedOSPlatform("linux")]
    private static async Task EndAsync(DaemonRecord record, bool removeData, CancellationToken cancellation)
    {
        var place = DaemonRegistry.PlaceOf(record.Name);
        if (removeData && Directory.Exists(place)) await File.WriteAllBytesAsync(Path.Combine(place, "remove-data"), [], cancellation);
        record.Supervisor.Signal(ProcessMark.Terminate);
        var waiting = Stopwatch.StartNew();
        while (record.Supervisor.IsAlive)
        {
            if (waiting.Elapsed > EndTimeout)
            {
                throw new CtrTimeoutException($"The daemon '{record.Name}' did not end within {EndTimeout.TotalSeconds:0} s.")
                {
                    ErrorId = "DaemonStopTimedOut",
                    Subject = record.Name,
                    Remedy = $"Its log is {record.LogPath}.",
                };
            }

            await Task.Delay(Pause, cancellation);
        }

        if (Supervisors.TryRemove(record.Name, out var supervisor)) supervisor.Dispose();

        // A supervisor that was killed has cleaned up nothing.
        using (await DaemonRegistry.LockAsync(cancellation))
        {
            if (DaemonRecord.Read(place) is { } left && left.Supervisor == record.Supervisor) await SweepAsync(record, cancellation);
        }
    }

    [SupportedOSPlatform("linux")]
    private static async Task SweepAsync(DaemonRecord record, CancellationToken cancellation)
    {
        WriteScript(record.Name);
        var start = new ProcessStartInfo("sh") { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in ScriptArguments("sweep", record)) start.ArgumentList.Add(argument);
        start.Environment["PATH"] = record.SearchPath;
        using var sweep = Process.Start(start)!;
        var said = Task.WhenAll(sweep.StandardOutput.ReadToEndAsync(cancellation), sweep.StandardError.ReadToEndAsync(cancellation));
        await sweep.WaitForExitAsync(cancellation);
        if (Directory.Exists(DaemonRegistry.PlaceOf(record.Name)))
        {
            throw new CtrRuntimeException($"The daemon '{record.Name}' could not be cleaned up: {string.Join(' ', await said).Trim()}")
            {
                ErrorId = "DaemonCleanupFailed",
                Subject = record.Name,
            };
        }
    }

    private static string SearchPath(CtrDaemonOptions options)
    {
        var inherited = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return string.Join(':', options.SearchPath.Select(Path.GetFullPath).Concat(inherited).Concat(UsualFolders).Distinct(StringComparer.Ordinal));
    }

    [SupportedOSPlatform("linux")]
    private static string FindContainerd(string? wanted, string searchPath)
    {
        var name = wanted ?? "containerd";
        var candidates = name.Contains('/', StringComparison.Ordinal)
            ? [Path.GetFullPath(name)]
            : searchPath.Split(':').Select(folder => Path.Combine(folder, name));
        const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return candidates.FirstOrDefault(file => File.Exists(file) && (File.GetUnixFileMode(file) & Executable) != 0)
            ?? throw new CtrNotFoundException($"There is no executable '{name}' on this machine.")
            {
                ErrorId = "ContainerdNotFound",
                Subject = name,
                Remedy = "Install it, on Debian with 'apt-get install containerd runc', or say where it is with -ContainerdPath.",
            };
    }

    [SupportedOSPlatform("linux")]
    private static bool IsName(string name) =>
        name.Length is > 0 and <= DaemonRegistry.LongestName
        && char.IsAsciiLetterOrDigit(name[0])
        && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_');

    private static string Some(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(5)) + (names.Count > 5 ? ", …" : "");
}
