using System.Globalization;
using Containerd.Client.Native;

namespace Containerd.Client;

/// <summary>
/// Where tasks' output is kept: a folder per container, in it a pair of files per start (<c>1.stdout</c>, <c>1.stderr</c>, <c>2.stdout</c>, …). The files are made
/// before the task is, readable by their owner alone, and containerd's shim appends to them whether a PowerShell lives or not.
/// </summary>
public sealed class TaskLogs
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerOnly | UnixFileMode.UserExecute;
    private const string Nowhere = "/dev/null";
    private readonly NamespaceClient _ns;

    internal TaskLogs(NamespaceClient ns) => _ns = ns;

    /// <summary>Reads what a container's tasks wrote: each start's standard output, then its standard error, the earliest start first.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="stream">One stream alone; null for both.</param>
    /// <param name="execId">A detached exec's output in the task's place; null for the task's.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The lines, read as they are asked for.</returns>
    /// <exception cref="CtrNotFoundException">No such container, or nothing was kept (LogNotFound).</exception>
    public async Task<IEnumerable<LogLine>> ReadAsync(string containerId, CtrOutput? stream = null, string? execId = null, CancellationToken cancellation = default)
    {
        var container = await _ns.Containers.GetAsync(containerId, cancellation).ConfigureAwait(false);
        var files = execId is null ? StartsOf(container) : [.. ExecFiles(FolderOf(container), execId).Where(f => File.Exists(f.Path))];
        if (files.Count == 0 && execId is null)
            files = await ForeignFilesAsync(containerId, cancellation).ConfigureAwait(false);
        if (files.Count == 0)
        {
            throw new CtrNotFoundException(execId is null
                ? $"No output of container '{containerId}' was kept."
                : $"No output of the exec '{containerId}/{execId}' was kept.")
            {
                ErrorId = "LogNotFound",
                Subject = containerId,
                Remedy = "Output is kept for tasks that Start-CtrTask started without -NoLog, until the container is removed.",
            };
        }

        return files.Where(f => stream is null || f.Stream == stream).SelectMany(Lines);
    }

    /// <summary>Whether a task's output can be read: in files of ours, or of another client's.</summary>
    internal bool Has(CtrContainer container, CtrTask task) =>
        _ns.Client.Address.IsLocal && (StartsOf(container).Count > 0 || PlainFile(task.Stdout) is not null);

    /// <summary>Makes the files of a container's next start.</summary>
    internal LogFiles Prepare(CtrContainer container, TaskStart start, bool terminal)
    {
        var made = new List<string>();
        try
        {
            // No streams at all are null ones; with an input or a terminal, the shim wants somewhere to write and never ends its start without.
            if (start.NoLog && !start.WithStdin)
                return terminal ? new LogFiles { StdoutPath = Nowhere } : new LogFiles();
            var folder = OpenFolder(container);
            var number = StartsOf(container).Select(f => f.Start).DefaultIfEmpty().Max() + 1;
            string Named(string what) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{number}.{what}"));

            var stdin = "";
            if (start.WithStdin)
            {
                stdin = Named("stdin");
                Libc.MakeFifo(stdin);
                made.Add(stdin);
            }

            if (start.NoLog)
                return new LogFiles { StdinPath = stdin, StdoutPath = Nowhere, StderrPath = terminal ? "" : Nowhere, Made = made };
            if (start.LogPath is string own)
            {
                if (!File.Exists(own))
                {
                    Create(own);
                    made.Add(own);
                }

                var link = Named("stdout");
                File.CreateSymbolicLink(link, own);
                made.Add(link);
                return new LogFiles { StdinPath = stdin, StdoutPath = own, StderrPath = terminal ? "" : own, Made = made };
            }

            var stdout = Named("stdout");
            Create(stdout);
            made.Add(stdout);
            var stderr = terminal ? "" : Named("stderr");
            if (stderr.Length > 0)
            {
                Create(stderr);
                made.Add(stderr);
            }

            return new LogFiles { StdinPath = stdin, StdoutPath = stdout, StderrPath = stderr, Made = made };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            made.ForEach(File.Delete);
            throw NotWritable(container, start.LogPath, e);
        }
    }

    /// <summary>Makes the files of a detached exec, and the named pipe of its input where it has one.</summary>
    internal LogFiles PrepareExec(CtrContainer container, string execId, bool withStdin, bool terminal)
    {
        var made = new List<string>();
        try
        {
            var folder = OpenFolder(container);
            var files = ExecFiles(folder, execId);
            var stdin = ExecInput(folder, execId);
            // Left by an exec of this id that was removed.
            foreach (var stale in files.Select(f => f.Path).Append(stdin))
                File.Delete(stale);
            var stdout = files[0].Path;
            Create(stdout);
            made.Add(stdout);
            var stderr = terminal ? "" : files[1].Path;
            if (stderr.Length > 0)
            {
                Create(stderr);
                made.Add(stderr);
            }

            if (withStdin)
            {
                Libc.MakeFifo(stdin);
                made.Add(stdin);
            }

            return new LogFiles { StdinPath = withStdin ? stdin : "", StdoutPath = stdout, StderrPath = stderr, Made = made };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            made.ForEach(File.Delete);
            throw NotWritable(container, null, e);
        }
    }

    /// <summary>Takes away the files that were made for an exec that never ran.</summary>
    internal void ForgetExec(CtrContainer container, string execId)
    {
        var folder = _ns.Client.Address.IsLocal ? FolderOf(container) : "";
        if (!Directory.Exists(folder))
            return;
        foreach (var path in ExecFiles(folder, execId).Select(f => f.Path).Append(ExecInput(folder, execId)))
            File.Delete(path);
    }

    /// <summary>Takes away the files that were made for a task that never ran.</summary>
    internal void Forget(CtrContainer container, CtrTask task)
    {
        CloseInputs(task.Stdin);
        if (!_ns.Client.Address.IsLocal)
            return;
        foreach (var file in StartsOf(container))
        {
            var place = new FileInfo(file.Path);
            if (place.LinkTarget is string target ? target == task.Stdout : place.Length == 0 && (file.Path == task.Stdout || file.Path == task.Stderr))
                place.Delete();
        }
    }

    /// <summary>Takes away what a container's tasks wrote.</summary>
    internal void Remove(CtrContainer container)
    {
        var folder = FolderOf(container);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>Takes away a named pipe of ours that a task or exec read its input from.</summary>
    internal void CloseInputs(string stdin)
    {
        if (stdin.Length > 0 && _ns.Client.Address.IsLocal && stdin.StartsWith(Root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            File.Delete(stdin);
    }

    /// <summary>
    /// A private daemon's tasks leave their output in its own folder, which goes with it; others below the machine's (or the user's) state folder, by
    /// the daemon's identity.
    /// </summary>
    private string Root
    {
        get
        {
            var address = _ns.Client.Address;
            if (!address.IsLocal)
            {
                throw new CtrNotSupportedException($"The daemon at {address} is on another machine: no files can be shared with it.")
                {
                    ErrorId = "StdioNotSupported",
                    Remedy = "Start the task with -NoLog, or run PowerShell on the daemon's machine.",
                };
            }

            var state = Environment.IsPrivilegedProcess
                ? OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData) : "/var/lib"
                : Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } own ? own
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
            return CtrDaemonFolder.DataRootFor(address.Path) ?? Path.Combine(state, "containerd-powershell", _ns.Client.Uuid);
        }
    }

    // Another container may get the id later; by its time of birth it is told from this one.
    private string FolderOf(CtrContainer container) =>
        Path.Combine(Root, _ns.Namespace, $"{container.ContainerId}~{container.CreatedAt.ToUniversalTime().Ticks:x}");

    private string OpenFolder(CtrContainer container)
    {
        var folder = FolderOf(container);
        if (Directory.Exists(folder))
            return folder;
        var parent = Path.GetDirectoryName(folder)!;
        if (Directory.Exists(parent))
        {
            // Left by a container of this id that another client removed.
            foreach (var stale in Directory.EnumerateDirectories(parent, container.ContainerId + "~*"))
                Directory.Delete(stale, recursive: true);
        }

        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, OwnerFolder);
        return folder;
    }

    private IReadOnlyList<LogFile> StartsOf(CtrContainer container)
    {
        var folder = FolderOf(container);
        if (!Directory.Exists(folder))
            return [];
        return [.. Directory.EnumerateFiles(folder).Select(LogFile.Of).OfType<LogFile>().OrderBy(f => f.Start).ThenBy(f => f.Stream)];
    }

    private static string ExecInput(string folder, string execId) => Path.Combine(folder, execId + ".exec-stdin");

    private static LogFile[] ExecFiles(string folder, string execId) =>
    [
        new(1, CtrOutput.Stdout, Path.Combine(folder, execId + ".exec-stdout")),
        new(1, CtrOutput.Stderr, Path.Combine(folder, execId + ".exec-stderr")),
    ];

    /// <summary>The files that another client had a task write to.</summary>
    private async Task<IReadOnlyList<LogFile>> ForeignFilesAsync(string containerId, CancellationToken cancellation)
    {
        if (await _ns.Tasks.FindAsync(containerId, cancellation).ConfigureAwait(false) is not CtrTask task)
            return [];
        var files = new List<LogFile>();
        if (PlainFile(task.Stdout) is string stdout)
            files.Add(new(1, CtrOutput.Stdout, stdout));
        if (PlainFile(task.Stderr) is string stderr && stderr != PlainFile(task.Stdout))
            files.Add(new(1, CtrOutput.Stderr, stderr));
        return files;
    }

    private static string? PlainFile(string place)
    {
        var path = place.StartsWith("file://", StringComparison.Ordinal) ? new Uri(place).LocalPath : place;
        // A FIFO would wait for a writer.
        return path.StartsWith('/') && File.Exists(path) && new FileInfo(path).Length > 0 ? path : null;
    }

    private static CtrPermissionException NotWritable(CtrContainer container, string? path, Exception cause) =>
        new($"The files for the output of container '{container.ContainerId}' cannot be made: {cause.Message}", cause)
        {
            ErrorId = "LogNotWritable",
            Subject = path ?? container.ContainerId,
            Remedy = "Choose another place with -LogPath, or start it with -NoLog.",
        };

    private static void Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        new FileStream(path, options).Dispose();
    }

    private static IEnumerable<LogLine> Lines(LogFile file)
    {
        // The task may still write, and may have its files taken away: neither is our business.
        using var reader = new StreamReader(new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        while (reader.ReadLine() is string line)
            yield return new LogLine(file.Start, file.Stream, line);
    }

    private sealed record LogFile(int Start, CtrOutput Stream, string Path)
    {
        internal static LogFile? Of(string path)
        {
            var parts = System.IO.Path.GetFileName(path).Split('.');
            return parts.Length == 2
                && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var start)
                && Enum.TryParse<CtrOutput>(parts[1], ignoreCase: true, out var stream)
                ? new LogFile(start, stream, path) : null;
        }
    }
}
