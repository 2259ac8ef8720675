using Containerd.Client.Records;
using Containerd.Client.Specs;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Events;
using Containerd.Client.Workloads.Stats;
using WireTasks = Containerd.Client.Wire.Tasks;

namespace Containerd.Client.Workloads.Tasks;

/// <summary>
/// Whether the kernel killed processes of tasks because memory ran out. containerd does not store this. An event reports it, to
/// subscriptions that are open at that moment; otherwise the counter of the task's control group shows it. That exists until the task is
/// deleted or, if it is a scope of systemd, until the task ends.
/// </summary>
internal sealed class OomKills
{
    /// <summary>The exit code of a process that the kernel killed: 128 + SIGKILL.</summary>
    private const int Killed = 137;

    /// <summary>The time limit for a shim's answer: a detail of an exit does not justify a longer wait.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly RecordScope _ns;
    private readonly OomReports _reports;

    internal OomKills(RecordScope ns)
    {
        _ns = ns;
        _reports = new OomReports(ns);
    }

    /// <summary>A container gets a new task, with its own control group.</summary>
    internal void Forget(string containerId) => _reports.Forget(containerId);

    /// <summary>
    /// Whether the counter of a container's task ends with the task: systemd removes the scope of processes that have ended.
    /// </summary>
    internal static bool EndsWithTask(CtrContainer container) => CgroupPath.IsSystemd(container.Spec?.Linux?.CgroupsPath);

    /// <summary>Observes a task whose counter ends with it. To be called before the wait for its exit.</summary>
    /// <param name="container">The container.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>Null for other tasks, and if the daemon does not answer.</returns>
    internal Task<OomWatch?> WatchAsync(CtrContainer container, CancellationToken cancellationToken) =>
        EndsWithTask(container) ? OomWatch.TryOpenAsync(_ns, container.ContainerId, cancellationToken) : Task.FromResult<OomWatch?>(null);

    /// <inheritdoc cref="WatchAsync(CtrContainer, CancellationToken)"/>
    internal async Task<OomWatch?> WatchAsync(string containerId, CancellationToken cancellationToken)
    {
        try
        {
            var container = await _ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
            return await WatchAsync(container, cancellationToken).ConfigureAwait(false);
        }
        catch (CtrException)
        {
            // The wait itself reports what is wrong.
            return null;
        }
    }

    /// <summary>Whether a process of a task was killed. To be called between the exit of the task and its deletion.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="exitCode">The exit code of the task; 0 is not examined.</param>
    /// <param name="watch">What was observed until the exit; null for nothing.</param>
    /// <returns>Null if it is not known.</returns>
    internal async Task<bool?> OfTaskAsync(string containerId, int? exitCode, OomWatch? watch = null)
    {
        if (_reports.Has(containerId))
            return true;
        if (exitCode is null or 0)
            return null;
        var count = await CountAsync(containerId).ConfigureAwait(false);
        return count > 0 || (watch is not null && await watch.IsReportedAsync(exitCode == Killed).ConfigureAwait(false)) ? true
            : count is null ? null
            : false;
    }

    /// <summary>Fills in tasks that have stopped, with one call for all of them.</summary>
    internal async Task FillAsync(IReadOnlyList<CtrTask> tasks)
    {
        var failed = tasks.Where(t => t is { Status: CtrStatus.Stopped, ExitCode: not (null or 0) }).ToList();
        if (failed.Count == 0)
            return;
        var counts = await CountsAsync([.. failed.Select(t => t.ContainerId)]).ConfigureAwait(false);
        foreach (var task in failed)
            task.OomKilled =
                _reports.Has(task.ContainerId) ? true
                : counts.TryGetValue(task.ContainerId, out var count) ? count > 0
                : null;
    }

    /// <summary>The count before the start of an exec, as far as it is known without a call.</summary>
    internal long? Before(string containerId) => _ns.State.OomCounted.TryGetValue(containerId, out var count) ? count : null;

    /// <summary>Whether an exec, or another process of the container, was killed while it ran.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="before">The result of <see cref="Before"/> at its start.</param>
    /// <param name="exitCode">Its exit code; 0 is not examined.</param>
    /// <returns>Null if it is not known: a kill was counted, possibly before the start of the exec.</returns>
    internal async Task<bool?> OfExecAsync(string containerId, long? before, int? exitCode)
    {
        if (exitCode is null or 0 || await CountAsync(containerId).ConfigureAwait(false) is not { } count)
            return null;
        _ns.State.OomCounted[containerId] = count;
        return count == 0 ? false
            : before is { } known ? count > known
            : exitCode == Killed ? true
            : null;
    }

    /// <summary>The counter of a task; null if it cannot be read.</summary>
    internal async Task<long?> CountAsync(string containerId) =>
        (await CountsAsync([containerId]).ConfigureAwait(false)).TryGetValue(containerId, out var count) ? count : null;

    /// <summary>
    /// Reads the counters (Tasks.Metrics); counters that cannot be read are missing, because an exit is more important than its detail.
    /// </summary>
    private async Task<Dictionary<string, long>> CountsAsync(IReadOnlyList<string> containerIds)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        try
        {
            using var deadline = new CancellationTokenSource(Patience);
            var request = new WireTasks.MetricsRequest();
            request.Filters.AddRange(containerIds.Select(id => $"id=={id}"));
            var reply = await new WireTasks.Tasks.TasksClient(_ns.Calls())
                .MetricsAsync(request, cancellationToken: deadline.Token)
                .TranslateErrors(Resource.Task)
                .ConfigureAwait(false);
            foreach (var metric in reply.Metrics)
            {
                var stats = new CtrStats { ContainerId = metric.Id };
                MetricsDecoder.Decode(metric.Data, stats);
                if ((stats.CgroupV1?.Oom?.Kills ?? stats.CgroupV2?.MemoryEvents?.OomKill) is { } count)
                    counts[metric.Id] = count;
            }
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException)
        {
            // The task no longer exists, or its shim does not answer.
        }

        return counts;
    }
}
