using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Host;

namespace Containerd.Client.Workloads.Logs;

/// <summary>Reads the output of a container's tasks or of an exec, start after start.</summary>
internal sealed class LogReader(RecordScope ns, LogFolders folders)
{
    private readonly LogRestarts _restarts = new(ns, folders);

    /// <inheritdoc cref="TaskLogs.ReadAsync"/>
    internal async Task<LogOutcome> ReadAsync(string containerId, LogReadOptions query, LogSink sink, CancellationToken cancellationToken)
    {
        ns.Connection.RequireHost("The output of tasks and execs can be read");
        var container = await ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        var starts = await FindAsync(container, query.ExecId, cancellationToken).ConfigureAwait(false);
        RequireTimes(containerId, query, starts);
        // Nothing later is requested; earlier output is still read to its end.
        using var enough = new Deadline(CancellationToken.None);
        if (query is { Follow: true, Until: DateTime until })
            enough.Start(Remaining(until));
        var plan = new LogPlan();
        if (query.Tail is int lines)
        {
            // For an exited process, lines are counted up to the end of its output, which its writer may still be writing.
            var over = !await RunsAsync(container, starts[^1], query, cancellationToken).ConfigureAwait(false);
            plan = await LogPlan.LastAsync(starts, query, lines, over, TerminalOf(container), cancellationToken).ConfigureAwait(false);
        }

        var outcome = new LogOutcome(false, 0);
        while (starts.Count > 0)
        {
            foreach (var start in starts)
            {
                var part = await ReadAsync(container, start, start == starts[^1], query, plan, sink, enough.Token, cancellationToken)
                    .ConfigureAwait(false);
                outcome = outcome.And(part);
            }

            if (!query.Follow || query.OneTask || query.ExecId is not null || enough.Token.IsCancellationRequested)
                break;
            // A container that was started again in the meantime is followed further.
            starts = await _restarts.NextAsync(container, starts[^1].Number, enough.Token, cancellationToken).ConfigureAwait(false);
            RequireTimes(containerId, query, starts);
        }

        return outcome;
    }

    /// <summary>The number of the start that a container's current task writes to.</summary>
    /// <exception cref="CtrNotFoundException">
    /// No such container (ContainerNotFound), it has no task (TaskNotFound), or the output of the task is not kept (LogNotFound).
    /// </exception>
    internal async Task<int> CurrentStartAsync(string containerId, CancellationToken cancellationToken)
    {
        ns.Connection.RequireHost("The output of tasks and execs can be read");
        var task = await ns.TaskRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        var container = await ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        var starts = await FindAsync(container, null, cancellationToken).ConfigureAwait(false);
        return LogStart.Of(starts, task)?.Number ?? throw NotKept(containerId, null);
    }

    private async Task<LogOutcome> ReadAsync(
        CtrContainer container,
        LogStart start,
        bool last,
        LogReadOptions query,
        LogPlan plan,
        LogSink sink,
        CancellationToken enough,
        CancellationToken cancellationToken
    )
    {
        using var following = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var ended = last ? await EndOfAsync(container, start, query, following.Token).ConfigureAwait(false) : Task.CompletedTask;
            using var reading = new LogReading(start, query, sink, plan)
            {
                Ended = ended,
                Enough = enough,
                Terminal = TerminalOf(container),
            };
            return await reading.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await following.CancelAsync().ConfigureAwait(false);
        }
    }

    private static TimeSpan Remaining(DateTime until) => TimeSpan.FromTicks(Math.Max(0, (until.ToUniversalTime() - DateTime.UtcNow).Ticks));

    /// <summary>
    /// Rejects a query with times if the log has none. A start whose last byte was written before the requested time does not need them: it
    /// is omitted.
    /// </summary>
    private static void RequireTimes(string containerId, LogReadOptions query, IReadOnlyList<LogStart> starts)
    {
        if (query.AsksForTime && starts.Any(s => s.Records is null && !s.IsBefore(query.Since)))
        {
            throw new CtrArgumentException($"The output of container '{containerId}' was stored without timestamps.")
            {
                ErrorId = ErrorIds.LogNotTimestamped,
                Subject = containerId,
                Remedy = "Read it without a time range and timestamps, or start the task with a timestamped log.",
            };
        }
    }

    private async Task<IReadOnlyList<LogStart>> FindAsync(CtrContainer container, string? execId, CancellationToken cancellationToken)
    {
        IReadOnlyList<LogStart> starts;
        if (execId is not null)
        {
            var files = LogFolders.ExecFiles(folders.Of(container), execId);
            starts = [.. new[] { LogStart.Of(Existing(files[0]), Existing(files[1])) }.OfType<LogStart>()];
        }
        else
        {
            starts = LogStart.In(folders.Of(container));
            // Another client may have redirected its output.
            if (
                starts.Count == 0
                && await ns.TaskRecords.FindAsync(container.ContainerId, cancellationToken).ConfigureAwait(false) is CtrTask task
                && LogStart.Of(
                    StreamAddress.FollowableFile(task.Stdout),
                    StreamAddress.FollowableFile(task.Stderr) is string stderr && stderr != StreamAddress.FollowableFile(task.Stdout)
                        ? stderr
                        : null
                )
                    is LogStart foreign
            )
            {
                starts = [foreign];
            }
        }

        return starts.Count > 0 ? starts : throw NotKept(container.ContainerId, execId);
    }

    private static CtrNotFoundException NotKept(string id, string? execId) =>
        new(execId is null ? $"No output of container '{id}' is stored." : $"No output of the exec '{id}/{execId}' is stored.")
        {
            ErrorId = ErrorIds.LogNotFound,
            Subject = id,
            RemedyId = "Keep",
            Remedy = "Output is stored for tasks that this client started with a log, until the container is removed.",
        };

    private static bool TerminalOf(CtrContainer container) => container.Spec?.Process?.Terminal ?? false;

    private static string? Existing(string path) => File.Exists(path) ? path : null;

    /// <summary>Whether the process that writes to the files of a start is running.</summary>
    private async Task<bool> RunsAsync(CtrContainer container, LogStart start, LogReadOptions query, CancellationToken cancellationToken)
    {
        if (query.ExecId is not null)
            return await RunningExecs.RunsAsync(ns.Exec(container.ContainerId, query.ExecId), cancellationToken).ConfigureAwait(false);
        if (
            await ns.TaskRecords.FindAsync(container.ContainerId, cancellationToken).ConfigureAwait(false)
            is not { Status: not CtrStatus.Stopped } task
        )
            return false;
        // The restart monitor may have started another task since the starts were listed.
        var current = LogStart.Of(LogStart.In(folders.Of(container)), task) ?? LogStart.Of([start], task);
        return current?.Number == start.Number;
    }

    /// <summary>
    /// The exit of the process that writes to the files of a start; a completed task if it has exited. Null if it is running and not
    /// followed: then only the current content is requested.
    /// </summary>
    private async Task<Task?> EndOfAsync(CtrContainer container, LogStart start, LogReadOptions query, CancellationToken cancellationToken)
    {
        if (!await RunsAsync(container, start, query, cancellationToken).ConfigureAwait(false))
            return Task.CompletedTask;
        if (!query.Follow)
            return null;
        // The exit that is waited for may be that of a later task, which was started a moment ago.
        return query.ExecId is null && container.RestartPolicy is not null
            ? Task.WhenAny(WaitAsync(), _restarts.StartedAsync(container, start.Number, cancellationToken)).Unwrap()
            : WaitAsync();

        async Task WaitAsync()
        {
            try
            {
                await ns.Process(container.ContainerId, query.ExecId).WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (CtrNotFoundException)
            {
                // It was removed, or lost by a restart of the daemon: it has exited.
            }
        }
    }
}
