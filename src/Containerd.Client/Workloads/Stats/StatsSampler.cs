using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Stats;
using Containerd.Host.Errors;
using Containerd.Host.Facts;
using WireTasks = Containerd.Client.Wire.Tasks;
using WireTypes = Containerd.Client.Wire.Types;

namespace Containerd.Client;

/// <summary>Reads the resource usage of tasks, and keeps each reading for the processor time of the next one.</summary>
public sealed class StatsSampler
{
    private readonly RecordScope _ns;
    private readonly HashSet<string> _ids;
    private readonly Func<string, bool>? _others;
    private readonly Dictionary<string, CtrStats> _before = new(StringComparer.Ordinal);

    internal StatsSampler(RecordScope ns, IReadOnlyCollection<string> ids, Func<string, bool>? others)
    {
        _ns = ns;
        _ids = new(ids, StringComparer.Ordinal);
        _others = others;
    }

    /// <summary>Uses an external reading as the previous one.</summary>
    /// <param name="stats">The reading.</param>
    public void Remember(CtrStats stats)
    {
        ArgumentNullException.ThrowIfNull(stats);
        _before[stats.ContainerId] = stats;
    }

    /// <summary>Reads all tasks once: the running ones (Tasks.List), and one call for the metrics of all of them (Tasks.Metrics).</summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The stats, and an error for each named container that could not be read.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<StatsRound> ReadAsync(CancellationToken cancellationToken = default)
    {
        var failures = new Dictionary<string, CtrException>(StringComparer.Ordinal);
        var tasks = await TasksAsync(cancellationToken).ConfigureAwait(false);
        foreach (var id in _ids)
        {
            if (!tasks.TryGetValue(id, out var task))
                failures[id] = await WhyMissingAsync(id, cancellationToken).ConfigureAwait(false);
            else if (task.Status == CtrStatus.Stopped)
                failures[id] = ProcessErrors.NotRunning(task);
        }

        // The control group of a stopped task may still exist, without any usage.
        var wanted = tasks
            .Values.Where(t => t.Status != CtrStatus.Stopped && (_ids.Contains(t.ContainerId) || _others?.Invoke(t.ContainerId) == true))
            .ToDictionary(t => t.ContainerId, StringComparer.Ordinal);
        var stats = new List<CtrStats>(wanted.Count);
        if (wanted.Count > 0)
        {
            foreach (var metric in await MetricsAsync(cancellationToken).ConfigureAwait(false))
            {
                if (!wanted.Remove(metric.Id, out var task))
                    continue;
                try
                {
                    stats.Add(Read(metric, task));
                }
                catch (CtrException e)
                {
                    failures[metric.Id] = e;
                }
            }
        }

        // A task whose reading failed is silently omitted from the answer.
        foreach (var task in wanted.Values.Where(t => _ids.Contains(t.ContainerId)))
            failures[task.ContainerId] = await WhyMissingAsync(task.ContainerId, cancellationToken).ConfigureAwait(false);
        stats.Sort((a, b) => string.CompareOrdinal(a.ContainerId, b.ContainerId));
        return new StatsRound(stats, failures);
    }

    /// <summary>Sets the processor time since another reading of the same task.</summary>
    internal static void Compare(CtrStats now, CtrStats? before)
    {
        if (
            before is null
            || before.Pid != now.Pid
            || now.CpuTime is not { } used
            || before.CpuTime is not { } usedBefore
            || used < usedBefore
        )
            return;
        var elapsed = now.Timestamp.ToUniversalTime() - before.Timestamp.ToUniversalTime();
        if (elapsed <= TimeSpan.Zero)
            return;
        now.CpuPercent = (used - usedBefore) / elapsed * 100;
        now.Interval = elapsed;
    }

    private async Task<Dictionary<string, CtrTask>> TasksAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<CtrTask> tasks;
        if (_ids.Count == 1 && _others is null)
            tasks = await _ns.TaskRecords.FindAsync(_ids.First(), cancellationToken).ConfigureAwait(false) is { } only ? [only] : [];
        else
            tasks = await _ns.TaskRecords.ListAsync(cancellationToken).ConfigureAwait(false);
        return tasks.ToDictionary(t => t.ContainerId, StringComparer.Ordinal);
    }

    private async Task<IReadOnlyList<WireTypes.Metric>> MetricsAsync(CancellationToken cancellationToken)
    {
        var request = new WireTasks.MetricsRequest();
        if (_others is null)
            request.Filters.AddRange(_ids.Where(IsId).Select(id => $"id=={id}"));
        var reply = await new WireTasks.Tasks.TasksClient(_ns.Calls())
            .MetricsAsync(request, cancellationToken: cancellationToken)
            .TranslateErrors(Resource.Task)
            .ConfigureAwait(false);
        return reply.Metrics;
    }

    /// <summary>A text that is not a valid id does not identify a container, and must not be interpreted as a filter.</summary>
    private static bool IsId(string id) => id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private CtrStats Read(WireTypes.Metric metric, CtrTask task)
    {
        var stats = _ns.Stamp(
            new CtrStats
            {
                ContainerId = metric.Id,
                Timestamp = metric.Timestamp.Local() ?? DateTime.Now,
                Pid = task.Pid,
            }
        );
        MetricsDecoder.Decode(metric.Data, stats);
        if (_ns.Connection.LocalDaemon is { } daemon && OperatingSystem.IsLinux())
            LocalHost.Complete(stats, daemon);
        if (stats.MemoryUsed is { } used && stats.MemoryAvailable() is > 0 and var available)
            stats.MemoryPercent = 100.0 * used / available;
        _before.TryGetValue(stats.ContainerId, out var before);
        Compare(stats, before);
        _before[stats.ContainerId] = stats;
        return stats;
    }

    private async Task<CtrException> WhyMissingAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            var task = await _ns.TaskRecords.GetAsync(id, cancellationToken).ConfigureAwait(false);
            return task.Status == CtrStatus.Stopped
                ? ProcessErrors.NotRunning(task)
                : new CtrRuntimeException($"The shim of container '{id}' does not report metrics.")
                {
                    ErrorId = ErrorIds.MetricsUnavailable,
                    Subject = id,
                    Remedy = "Check the daemon's log; a task without control groups has no metrics.",
                };
        }
        catch (CtrException e) when (!e.IsUnanswered())
        {
            return e;
        }
    }
}
