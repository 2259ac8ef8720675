using Containerd.Client.Images;
using Containerd.Client.Records;
using Containerd.Host;

namespace Containerd.Client.Workloads.Cleanup;

/// <summary>
/// The objects of a namespace that are not in use, by the rules of the commands that remove one kind. The containers that are to be removed
/// do not count as users.
/// </summary>
internal sealed class UnusedObjects(ImageScope ns, ContainerStore containers, VolumeService volumes, NetworkService networks)
{
    /// <summary>
    /// The age from which a write counts as interrupted. A client that is writing without a lease cannot be told from one that is gone, and
    /// the daemon removes a write although a client continues it.
    /// </summary>
    internal static readonly TimeSpan WriteAge = TimeSpan.FromMinutes(10);

    internal async Task<IReadOnlyList<CtrContainer>> ContainersAsync(TimeSpan? olderThan, CancellationToken cancellationToken) =>
        [.. (await containers.ListIdleAsync(cancellationToken).ConfigureAwait(false)).Where(c => c.HasBeenIdleFor(olderThan))];

    internal async Task<IReadOnlyList<CtrVolume>> VolumesAsync(
        TimeSpan? olderThan,
        IReadOnlyCollection<CtrContainer> without,
        CancellationToken cancellationToken
    ) =>
        [
            .. (await volumes.FindUnusedAsync(all: false, IsNotOneOf(without), cancellationToken).ConfigureAwait(false)).Where(v =>
                olderThan is null || v.CreatedAt < LongTime.Before(DateTime.Now, olderThan.Value)
            ),
        ];

    internal async Task<IReadOnlyList<string>> ImagesAsync(
        TimeSpan? olderThan,
        IReadOnlyCollection<CtrContainer> without,
        CancellationToken cancellationToken
    )
    {
        var options = new ImageCleanupOptions { OlderThan = olderThan, Users = IsNotOneOf(without) };
        return (await ns.Images.UnusedAsync(options, cancellationToken).ConfigureAwait(false)).Unused;
    }

    internal async Task<IReadOnlyList<CtrNetwork>> NetworksAsync(
        TimeSpan? olderThan,
        IReadOnlyCollection<CtrContainer> without,
        CancellationToken cancellationToken
    ) =>
        [
            .. (await networks.FindUnusedAsync(IsNotOneOf(without), cancellationToken).ConfigureAwait(false)).Where(n =>
                olderThan is null || File.GetLastWriteTimeUtc(n.Path) < LongTime.Before(DateTime.UtcNow, olderThan.Value)
            ),
        ];

    internal async Task<IReadOnlyList<CtrIngest>> IngestsAsync(TimeSpan? olderThan, CancellationToken cancellationToken)
    {
        // Leases first: a write that begins meanwhile is too young.
        var held = (await ns.Leases.ListAsync(StoreFilter.All, cancellationToken).ConfigureAwait(false))
            .Where(lease => lease.ExpiresAt is not { } end || end > DateTime.Now)
            .SelectMany(lease => lease.Resources)
            .Where(resource => resource.Type == "ingests")
            .Select(resource => resource.Id)
            .ToHashSet(StringComparer.Ordinal);
        var before = LongTime.Before(DateTime.Now, olderThan > WriteAge ? olderThan.Value : WriteAge);
        return
        [
            .. (await ns.Content.ListIngestsAsync(StoreFilter.All, cancellationToken).ConfigureAwait(false)).Where(ingest =>
                !held.Contains(ingest.Reference) && ingest.UpdatedAt < before
            ),
        ];
    }

    private Func<CtrContainer, bool> IsNotOneOf(IReadOnlyCollection<CtrContainer> removed)
    {
        var ids = removed.Select(c => c.ContainerId).ToHashSet(StringComparer.Ordinal);
        return container => container.Namespace != ns.Namespace || !ids.Contains(container.ContainerId);
    }
}
