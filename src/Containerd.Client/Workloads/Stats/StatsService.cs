using Containerd.Client.Records;
using Containerd.Host;
using Containerd.Host.Errors;

namespace Containerd.Client;

/// <summary>The resource usage of tasks (Tasks.Metrics).</summary>
public sealed class StatsService
{
    private readonly RecordScope _ns;

    internal StatsService(RecordScope ns) => _ns = ns;

    /// <summary>Takes two readings of a task, with the processor time between them.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="interval">The time between the readings.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The second reading.</returns>
    /// <exception cref="CtrNotFoundException">The container does not exist (ContainerNotFound), or has no task (TaskNotFound).</exception>
    /// <exception cref="CtrConflictException">The task has ended (TaskNotRunning).</exception>
    /// <exception cref="CtrRuntimeException">Its shim does not report metrics (MetricsUnavailable).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrStats> GetAsync(string containerId, TimeSpan interval, CancellationToken cancellationToken = default)
    {
        var sampler = Sampler([containerId]);
        (await sampler.ReadAsync(cancellationToken).ConfigureAwait(false)).Of(containerId);
        await LongTime.DelayAsync(interval, cancellationToken).ConfigureAwait(false);
        return (await sampler.ReadAsync(cancellationToken).ConfigureAwait(false)).Of(containerId);
    }

    /// <summary>Reads the same tasks repeatedly: one call for all of them, and the processor time since the previous reading.</summary>
    /// <param name="ids">Containers that must have a running task.</param>
    /// <param name="others">Selects other running tasks; null for none.</param>
    /// <returns>The sampler.</returns>
    public StatsSampler Sampler(IReadOnlyCollection<string> ids, Func<string, bool>? others = null) => new(_ns, ids, others);
}
