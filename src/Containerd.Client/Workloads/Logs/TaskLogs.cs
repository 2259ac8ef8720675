using System.Globalization;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Logs;
using Containerd.Client.Workloads.Options;
using Containerd.Host.Files;
using Containerd.Host.Helpers;
using Containerd.Host.Logs;
using Containerd.Host.Native;

namespace Containerd.Client;

/// <summary>
/// The storage of tasks' output: a folder for each container, with a pair of files for each start (<c>1.stdout</c>, <c>1.stderr</c>,
/// <c>2.stdout</c>, …). The files are created before the task, readable only by their owner, and containerd's shim appends to them even
/// without a running PowerShell. Where times or a limited size are asked for, the shim runs the helper program, which writes
/// <c>1.1.log</c>, <c>1.2.log</c>, … in their place.
/// </summary>
public sealed partial class TaskLogs
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string Nowhere = "/dev/null";
    private const string Removing = ".removing";
    private readonly RecordScope _ns;

    private readonly StateFolders _folders;

    internal TaskLogs(RecordScope ns)
    {
        _ns = ns;
        _folders = new StateFolders(ns.Connection);
    }

    /// <summary>Whether the output of a task can be read: in files of this or another client.</summary>
    internal bool Has(CtrContainer container, CtrTask task) =>
        _ns.Connection.Address.IsLocal && (LogStart.In(FolderOf(container)).Count > 0 || FollowableFile(task.Stdout) is not null);

    /// <summary>Creates the files for the next start of a container.</summary>
    internal LogFiles Prepare(CtrContainer container, TaskStartOptions start, bool terminal)
    {
        start.Require(terminal);
        var made = new List<string>();
        try
        {
            // Without streams, they are null; with input or a terminal, the shim requires an output and its start never ends without one.
            if (start.NoLog && !start.WithStdin)
                return terminal ? new LogFiles { StdoutPath = Nowhere } : new LogFiles();
            var folder = OpenFolder(container);
            var number = LogStart.In(folder).Select(s => s.Number).DefaultIfEmpty().Max() + 1;
            var prefix = Path.Combine(folder, number.ToString(CultureInfo.InvariantCulture));
            string Named(string what) => $"{prefix}.{what}";

            var stdin = "";
            if (start.WithStdin)
            {
                stdin = Named("stdin");
                // For a start whose task disappeared, as after a reboot; a start without a log leaves nothing else.
                File.Delete(stdin);
                Libc.MakeFifo(stdin);
                made.Add(stdin);
            }

            if (start.NoLog)
                return new LogFiles
                {
                    StdinPath = stdin,
                    StdoutPath = Nowhere,
                    StderrPath = terminal ? "" : OtherName(Nowhere),
                    Made = made,
                };
            if (start.LogPath is string own)
            {
                if (OutputFile.TryCreate(own) is { } created)
                {
                    made.Add(created);
                }
                else if (terminal && new FileInfo(own).Length > 0)
                {
                    throw new CtrConflictException($"'{own}' is not empty, and containerd overwrites the file with a terminal's output.")
                    {
                        ErrorId = ErrorIds.LogNotEmpty,
                        Subject = own,
                        Remedy = "Use another file, or omit the path: by default the output of each start has its own file.",
                    };
                }

                var link = Named("stdout");
                File.CreateSymbolicLink(link, own);
                made.Add(link);
                // containerd interprets a path as a URI.
                var path = own.Contains('%', StringComparison.Ordinal) ? link : own;
                return new LogFiles
                {
                    StdinPath = stdin,
                    StdoutPath = path,
                    StderrPath = terminal ? "" : OtherName(path),
                    Made = made,
                };
            }

            if (start.LogFormat == CtrLogFormat.Timestamped)
            {
                var options = new LogWriterOptions(
                    start.LogMaxSize ?? 0,
                    start.LogMaxFiles ?? LogHelper.DefaultMaxFiles,
                    terminal,
                    MappedStreams.RootOf(container.Spec),
                    prefix
                );
                var (helperRoot, helperFolder) = _folders.Helper;
                var uri = LogHelper.Uri(LogHelper.Install(helperRoot, helperFolder), options);
                Create(LogPaths.PartOf(prefix, 1));
                made.Add(LogPaths.PartOf(prefix, 1));
                Libc.MakeFifo(LogPaths.RequestsOf(prefix));
                made.Add(LogPaths.RequestsOf(prefix));
                // containerd passes both streams to the program that the first one names.
                return new LogFiles
                {
                    StdinPath = stdin,
                    StdoutPath = uri,
                    StderrPath = terminal ? "" : uri,
                    Made = made,
                };
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

            return new LogFiles
            {
                StdinPath = stdin,
                StdoutPath = stdout,
                StderrPath = stderr,
                Made = made,
            };
        }
        catch (Exception e)
        {
            made.ForEach(File.Delete);
            if (e is IOException or UnauthorizedAccessException)
                throw NotWritable(container, start.LogPath, e);
            throw;
        }
    }

    /// <summary>Explains a start that failed: perhaps the helper program that writes its log can no longer be executed.</summary>
    /// <exception cref="CtrNotSupportedException">HelperNotExecutable.</exception>
    internal void CheckHelper(LogFiles log)
    {
        if (OperatingSystem.IsLinux() && LogHelper.PrefixOf(log.StdoutPath) is not null)
            new HelperInstaller(_folders.Helper.Root, _folders.Helper.Folder).Check();
    }

    /// <summary>Creates the files of a detached exec, and the named pipe of its input if it has one.</summary>
    internal LogFiles PrepareExec(CtrContainer container, string execId, bool withStdin, bool terminal)
    {
        var made = new List<string>();
        try
        {
            var folder = OpenFolder(container);
            var files = ExecFiles(folder, execId);
            var stdin = ExecInput(folder, execId);
            // Left by a removed exec with this id.
            foreach (var stale in files.Append(stdin))
                File.Delete(stale);
            var stdout = files[0];
            Create(stdout);
            made.Add(stdout);
            var stderr = terminal ? "" : files[1];
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

            return new LogFiles
            {
                StdinPath = withStdin ? stdin : "",
                StdoutPath = stdout,
                StderrPath = stderr,
                Made = made,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            made.ForEach(File.Delete);
            throw NotWritable(container, null, e);
        }
    }

    /// <summary>Removes the files of an exec that never ran.</summary>
    internal void ForgetExec(CtrContainer container, string execId)
    {
        var folder = _ns.Connection.Address.IsLocal ? FolderOf(container) : "";
        if (!Directory.Exists(folder))
            return;
        foreach (var path in ExecFiles(folder, execId).Append(ExecInput(folder, execId)))
            File.Delete(path);
    }

    /// <summary>Removes the files of a task that never ran.</summary>
    internal void Forget(CtrContainer container, CtrTask task)
    {
        CloseInputs(task.Stdin);
        if (!_ns.Connection.Address.IsLocal)
            return;
        LogStart.In(FolderOf(container)).FirstOrDefault(s => s.IsOf(task))?.Delete();
    }

    /// <summary>Removes the output of a container's tasks.</summary>
    internal void Remove(CtrContainer container)
    {
        // For a remote daemon they are on its host, and not accessible.
        if (!_ns.Connection.Address.IsLocal)
            return;
        var folder = FolderOf(container);
        if (Directory.Exists(folder))
            PrivateTree.TryRemove(folder);
        // It does not exist, nor its folder, if the container had no output.
        if (File.Exists(folder + Removing))
            File.Delete(folder + Removing);
    }

    /// <summary>
    /// Records that a container is about to be removed. If the daemon or this process dies before the answer, the record is left beside the
    /// output, and <see cref="SweepAsync"/> removes both.
    /// </summary>
    internal void Condemn(CtrContainer container)
    {
        var folder = _ns.Connection.Address.IsLocal ? FolderOf(container) : "";
        if (!Directory.Exists(folder) || !OperatingSystem.IsLinux())
            return;
        try
        {
            TrustedFolder.Write(folder + Removing, []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The container can still be removed.
        }
    }

    /// <summary>Removes the output of containers whose removal was interrupted, and that no longer exist.</summary>
    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        if (!_ns.Connection.Address.IsLocal || !OperatingSystem.IsLinux())
            return;
        var parent = Path.Combine(Root, _ns.Namespace);
        if (!Directory.Exists(parent))
            return;
        try
        {
            foreach (var note in Directory.GetFiles(parent, "*" + Removing))
            {
                var folder = note[..^Removing.Length];
                var id = Path.GetFileName(folder).Split('~')[0];
                if (!await IsThereAsync(id, folder, cancellationToken).ConfigureAwait(false) && PrivateTree.TryRemove(folder))
                    File.Delete(note);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It belongs to another user, or another process is removing it.
        }
    }

    /// <summary>Whether the container of a folder still exists.</summary>
    private async Task<bool> IsThereAsync(string id, string folder, CancellationToken cancellationToken)
    {
        try
        {
            return FolderOf(await _ns.ContainerRecords.GetAsync(id, cancellationToken).ConfigureAwait(false)) == folder;
        }
        catch (CtrNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Removes a named pipe for the input of a task or exec.</summary>
    internal void CloseInputs(string stdin)
    {
        if (
            stdin.Length > 0
            && _ns.Connection.Address.IsLocal
            && stdin.StartsWith(Root + Path.DirectorySeparatorChar, StringComparison.Ordinal)
        )
            File.Delete(stdin);
    }

    /// <summary>The folder of all output.</summary>
    private string Root
    {
        get
        {
            _ns.Connection.RequireHost("The output of tasks and execs can be kept and read");
            return _folders.Root;
        }
    }

    // Another container may get the id later; the creation time distinguishes them.
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
            // Left by a container with this id that another client removed.
            foreach (var stale in Directory.EnumerateDirectories(parent, container.ContainerId + "~*"))
                PrivateTree.Remove(stale);
        }

        if (OperatingSystem.IsLinux())
            TrustedFolder.Make(_folders.Parent, folder, tighten: true);
        else
            Directory.CreateDirectory(folder);
        return folder;
    }

    private static string ExecInput(string folder, string execId) => Path.Combine(folder, execId + ".exec-stdin");

    private static string[] ExecFiles(string folder, string execId) =>
        [Path.Combine(folder, execId + ".exec-stdout"), Path.Combine(folder, execId + ".exec-stderr")];

    /// <summary>
    /// Another name of the same file, for the second stream. If two streams have the same name, containerd's shim closes the file at the
    /// end of the first, and output of the second is lost; a process that writes more than the capacity of a pipe then blocks forever.
    /// </summary>
    private static string OtherName(string path) => Path.Combine(Path.GetDirectoryName(path)!, ".", Path.GetFileName(path));

    /// <summary>The path of a task's stream, with one name for each file.</summary>
    private static string PathOf(string address)
    {
        var path = address.StartsWith("file://", StringComparison.Ordinal) ? new Uri(address).LocalPath : address;
        return path.StartsWith('/') ? Path.GetFullPath(path) : path;
    }

    /// <summary>The files in which the output of a process can be followed.</summary>
    /// <exception cref="CtrNotSupportedException">It goes where it cannot be read from (OutputNotKept).</exception>
    internal (string Stdout, string? Stderr) Followable(string subject, string stdout, string stderr)
    {
        var first = FollowableFile(stdout);
        var second = FollowableFile(stderr);
        if (!_ns.Connection.Address.IsLocal || first is null || (second is null && stderr.Length > 0))
        {
            var timestamped = LogHelper.PrefixOf(stdout) is not null;
            throw new CtrNotSupportedException(
                stdout is "" or Nowhere ? $"{subject} was started without a log: its output is discarded."
                : timestamped ? $"The output of {subject} is stored as lines with timestamps: a terminal cannot be attached to it."
                : $"The output of {subject} goes to {stdout}, which cannot be followed from here."
            )
            {
                ErrorId = ErrorIds.OutputNotKept,
                RemedyId = timestamped ? "Follow" : "Keep",
                Remedy = timestamped
                    ? "Follow its log, or start it with a plain log without a size limit."
                    : "Start the task with a log: output can be followed only in files on this machine.",
            };
        }

        return (first, second == first ? null : second);
    }

    private static string? FollowableFile(string address)
    {
        // That of another client may be a FIFO, which would wait for a writer.
        var path = PathOf(address);
        return
            path.StartsWith('/')
            && OperatingSystem.IsLinux()
            && LibcMounts.TryStat(path, followLinks: true, out var stat)
            && stat.Kind == FileKind.File
            ? path
            : null;
    }

    private static CtrPermissionException NotWritable(CtrContainer container, string? path, Exception cause) =>
        new($"The files for the output of container '{container.ContainerId}' could not be created: {cause.Message}", cause)
        {
            ErrorId = ErrorIds.LogNotWritable,
            Subject = path ?? container.ContainerId,
            Remedy = "Use another path for the log, or start the task without a log.",
        };

    private static void Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        new FileStream(path, options).Dispose();
    }
}
