using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Stats;
using WireTasks = Containerd.Client.Wire.Tasks;

namespace Containerd.Client.Workloads.Tasks;

/// <summary>
/// Whether the kernel killed processes of tasks because memory ran out. containerd does not store this. An event reports it, to
/// subscriptions that are open at that moment; otherwise the counter of the task's control group shows it, which exists until the task is
/// deleted.
/// </summary>
internal sealed class OomKills
{
    /// <summary>The exit code of a process that the kernel killed: 128 + SIGKILL.</summary>
    private const int Killed = 137;

    /// <summary>The time limit for a shim's answer: a detail of an exit does not justify a longer wait.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly RecordScope _ns;

    internal OomKills(RecordScope ns) => _ns = ns;

    /// <summary>The first subscription starts: results of an earlier one may concern tasks that no longer exist.</summary>
    internal void Begin() => _ns.State.OomReported.Clear();

    /// <summary>Records an event of an open subscription.</summary>
    internal void Observe(CtrEvent containerEvent)
    {
        switch (containerEvent.Type)
        {
            case CtrEventType.Oom:
                _ns.State.OomReported[containerEvent.ContainerId] = true;
                break;
            case CtrEventType.Create or CtrEventType.ContainerDelete:
                Forget(containerEvent.ContainerId);
                break;
        }
    }

    /// <summary>A container gets a new task, with its own control group.</summary>
    internal void Forget(string containerId)
    {
        _ns.State.OomReported.TryRemove(containerId, out _);
        _ns.State.OomCounted.TryRemove(containerId, out _);
    }

    /// <summary>Whether a process of a task was killed. To be called between the exit of the task and its deletion.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="exitCode">The exit code of the task; 0 is not examined.</param>
    /// <returns>Null if it is not known.</returns>
    internal async Task<bool?> OfTaskAsync(string containerId, int? exitCode)
    {
        if (IsReported(containerId))
            return true;
        return exitCode is null or 0 ? null
            : await CountAsync(containerId).ConfigureAwait(false) is { } count ? count > 0
            : null;
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
                IsReported(task.ContainerId) ? true
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

    private bool IsReported(string containerId) => _ns.State.OomReported.ContainsKey(containerId) && _ns.State.EventStreams() > 0;

    private async Task<long?> CountAsync(string containerId) =>
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
