using Containerd.Client.Records;
using Containerd.Client.Workloads.Logs;
using Containerd.Host;
using Containerd.Host.Errors;
using Containerd.Host.Logs;

namespace Containerd.Client;

/// <summary>
/// The storage of tasks' output: a folder for each container, with a pair of files for each start (<c>1.stdout</c>, <c>1.stderr</c>,
/// <c>2.stdout</c>, …). The files are created before the task, readable only by their owner, and containerd's shim appends to them even
/// without a running PowerShell. Where times or a limited size are asked for, the shim runs the helper program, which writes
/// <c>1.1.log</c>, <c>1.2.log</c>, … in their place.
/// </summary>
public sealed class TaskLogs
{
    private readonly LogFolders _folders;
    private readonly LogReader _reader;

    internal TaskLogs(RecordScope ns)
    {
        _folders = new LogFolders(ns);
        _reader = new LogReader(ns, _folders);
        Former = new FormerStreams(_folders);
        Preparation = new LogPreparation(_folders);
        Removal = new LogRemoval(ns, _folders);
        HelperCleanup = new HelperCleanup(ns, _folders);
    }

    /// <summary>Whether the output is on this machine.</summary>
    internal bool AreLocal => _folders.AreLocal;

    /// <summary>Finds the streams of former starts.</summary>
    internal FormerStreams Former { get; }

    /// <summary>Creates the files of a start or an exec.</summary>
    internal LogPreparation Preparation { get; }

    /// <summary>Removes them.</summary>
    internal LogRemoval Removal { get; }

    /// <summary>Removes helper programs of earlier versions.</summary>
    internal HelperCleanup HelperCleanup { get; }

    /// <summary>
    /// Reads the output of a container's tasks, the earliest start first. For a plain log, that is the standard output of each start, then
    /// its standard error; if it is followed, both in order of arrival; a timestamped log is sorted by time. The output of an exited task
    /// is read to its last byte, even if its shim is still writing it.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="query">The query.</param>
    /// <param name="sink">Receives the lines.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The outcome of the reading.</returns>
    /// <exception cref="CtrNotFoundException">No such container, or nothing was kept (LogNotFound).</exception>
    /// <exception cref="CtrNotSupportedException">The daemon is not on this machine (DaemonNotLocal).</exception>
    /// <exception cref="CtrArgumentException">Times are requested, but the log has none (LogNotTimestamped).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<LogOutcome> ReadAsync(
        string containerId,
        LogReadOptions query,
        LogSink sink,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(sink);
        return await _reader.ReadAsync(containerId, query, sink, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The number of the start that a container's current task writes to.</summary>
    /// <exception cref="CtrNotFoundException">
    /// No such container (ContainerNotFound), it has no task (TaskNotFound), or the output of the task is not kept (LogNotFound).
    /// </exception>
    internal async Task<int> CurrentStartAsync(string containerId, CancellationToken cancellationToken) =>
        await _reader.CurrentStartAsync(containerId, cancellationToken).ConfigureAwait(false);

    /// <summary>Whether the output of a task can be read: in files of this or another client.</summary>
    internal bool Has(CtrContainer container, CtrTask task) =>
        _folders.AreLocal && (LogStart.In(_folders.Of(container)).Count > 0 || StreamAddress.FollowableFile(task.Stdout) is not null);

    /// <summary>Why the logger of a container's last start did not run; null if it did.</summary>
    internal string? LastErrorOf(CtrContainer container)
    {
        var error = LogPaths.ErrorOf(_folders.Of(container) + Path.DirectorySeparatorChar);
        try
        {
            return File.Exists(error) ? $"The log cannot be written: {File.ReadAllText(error)}" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another user's, or removed meanwhile.
            return null;
        }
    }

    /// <summary>The files in which the output of a process can be followed.</summary>
    /// <exception cref="CtrNotSupportedException">It goes where it cannot be read from (OutputNotKept).</exception>
    internal (string Stdout, string? Stderr) Followable(string subject, string stdout, string stderr)
    {
        var first = StreamAddress.FollowableFile(stdout);
        var second = StreamAddress.FollowableFile(stderr);
        if (!_folders.AreLocal || first is null || (second is null && stderr.Length > 0))
        {
            var timestamped = LogHelper.OptionsOf(stdout) is not null;
            throw new CtrNotSupportedException(
                stdout is "" or StreamAddress.Nowhere ? $"{subject} was started without a log: its output is discarded."
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
}
