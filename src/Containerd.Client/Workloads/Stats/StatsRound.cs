namespace Containerd.Client;

/// <summary>One reading of several tasks.</summary>
/// <param name="Stats">The readings, by container id.</param>
/// <param name="Failures">The errors of the others.</param>
public sealed record StatsRound(IReadOnlyList<CtrStats> Stats, IReadOnlyDictionary<string, CtrException> Failures)
{
    /// <summary>One container's part.</summary>
    /// <param name="containerId">The container.</param>
    /// <returns>Its stats.</returns>
    /// <exception cref="CtrException">It could not be read.</exception>
    public CtrStats Of(string containerId) =>
        Failures.TryGetValue(containerId, out var failure) ? throw failure : Stats.First(s => s.ContainerId == containerId);
}
