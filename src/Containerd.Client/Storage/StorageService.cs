using Containerd.Client.Storage;
using Containerd.Client.Workloads.Stats;
using Containerd.Host.Errors;
using Containerd.Oci;

namespace Containerd.Client;

/// <summary>The disk usage of a namespace, and how much of it is reclaimable.</summary>
public sealed class StorageService
{
    private const int AtOnce = 8;
    private readonly StorageScope _namespace;

    internal StorageService(StorageScope ns) => _namespace = ns;

    /// <summary>Releases layers whose files are in snapshots.</summary>
    public LayerRelease Layers => new(_namespace);

    /// <summary>
    /// Measures images, blobs, unfinished writes and snapshots; for the meaning of the figures see <see cref="CtrStorageUsage"/>.
    /// </summary>
    /// <param name="progress">Receives the number of measured snapshots; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>One figure for each kind, and one for each snapshotter that has snapshots.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrStorageUsage>> MeasureAsync(
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        var snapshotters = await _namespace.Snapshots.SnapshottersAsync(cancellationToken).ConfigureAwait(false);
        var graph = await StorageGraph.LoadAsync(_namespace, snapshotters, cancellationToken).ConfigureAwait(false);
        var ingests = await _namespace.Content.ListIngestsAsync(StoreFilter.All, cancellationToken).ConfigureAwait(false);
        var elsewhere = graph.Blobs.Count == 0 ? [] : await _namespace.BlobsElsewhereAsync(cancellationToken).ConfigureAwait(false);
        var measured = 0;
        await Parallel
            .ForEachAsync(
                graph.Snapshots,
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
                async (snapshot, cancellationToken) =>
                {
                    await _namespace.Snapshots.TryMeasureAsync(snapshot, cancellationToken).ConfigureAwait(false);
                    progress?.Report(
                        new ImageProgress(
                            ImageProgressStage.Measuring,
                            snapshot.Name,
                            Interlocked.Increment(ref measured),
                            graph.Snapshots.Count
                        )
                    );
                }
            )
            .ConfigureAwait(false);

        var used = graph.Containers.Select(c => c.Image).ToHashSet(StringComparer.Ordinal);
        var usedImages = graph.Images.Where(i => used.Contains(i.Name)).ToList();
        var kept = graph.Kept(usedImages);
        var ofImages = graph.Reach(graph.Images.SelectMany(i => i.References));

        var items = graph
            .Blobs.Select(b => (Node: StorageGraph.Node.Content(b.Digest), Size: b.Size ?? 0, Shared: elsewhere.Contains(b.Digest)))
            .Concat(
                graph.Snapshots.Select(s => (Node: StorageGraph.Node.Snapshot(s.Snapshotter, s.Name), Size: s.Size ?? 0, Shared: false))
            )
            .ToList();
        CtrStorageUsage Sum(CtrStorageKind kind, string snapshotter, Func<StorageGraph.Node, bool> wanted)
        {
            var chosen = items.Where(i => wanted(i.Node)).ToList();
            return _namespace.Stamp(
                new CtrStorageUsage
                {
                    Kind = kind,
                    Snapshotter = snapshotter,
                    Count = chosen.Count,
                    InUse = chosen.Count(i => kept.Contains(i.Node)),
                    Size = chosen.Sum(i => i.Size),
                    Reclaimable = chosen.Where(i => !kept.Contains(i.Node) && !i.Shared).Sum(i => i.Size),
                }
            );
        }

        var images = Sum(CtrStorageKind.Images, "", ofImages.Contains);
        images.Count = graph.Images.Count;
        images.InUse = usedImages.Count;
        var held = graph
            .Leases.SelectMany(l => l.Resources)
            .Where(r => r.Type == "ingests")
            .Select(r => r.Id)
            .ToHashSet(StringComparer.Ordinal);
        var unfinished = _namespace.Stamp(
            new CtrStorageUsage
            {
                Kind = CtrStorageKind.Ingests,
                Count = ingests.Count,
                InUse = ingests.Count(i => held.Contains(i.Reference)),
                Size = ingests.Sum(i => i.Offset),
                Reclaimable = ingests.Where(i => !held.Contains(i.Reference)).Sum(i => i.Offset),
            }
        );
        return
        [
            images,
            Sum(CtrStorageKind.Content, "", n => n.Space.Length == 0),
            unfinished,
            .. graph
                .Snapshots.Select(s => s.Snapshotter)
                .Distinct()
                .Order(StringComparer.Ordinal)
                .Select(name => Sum(CtrStorageKind.Snapshots, name, n => n.Space == name)),
        ];
    }
}
