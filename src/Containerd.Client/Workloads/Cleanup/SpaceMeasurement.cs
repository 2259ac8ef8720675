using System.Collections.Concurrent;
using Containerd.Client.Images;
using Containerd.Client.Storage;
using Containerd.Client.Transport;
using Containerd.Oci;

namespace Containerd.Client.Workloads.Cleanup;

/// <summary>Measures what a clean-up would free, and what it freed. It never makes the clean-up fail.</summary>
internal sealed class SpaceMeasurement(ImageScope ns, VolumeService volumes)
{
    private const int AtOnce = 8;

    /// <summary>
    /// The time for all sizes: for the snapshot of a container the daemon examines all its files, and for a volume this process does.
    /// </summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Measures the objects of a plan; null if the references between them cannot be read.</summary>
    internal async Task<ReclaimableSpace?> MeasureAsync(
        StorageCleanupPlan plan,
        IProgress<ImageProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var graph = await LoadAsync(cancellationToken).ConfigureAwait(false);
            var removed = plan.Containers.Select(c => c.ContainerId).ToHashSet(StringComparer.Ordinal);
            var images = plan.Images.ToHashSet(StringComparer.Ordinal);
            var kept = graph.Kept(
                graph.Images.Where(i => !images.Contains(i.Name)),
                graph.Containers.Where(c => !removed.Contains(c.ContainerId))
            );
            var elsewhere = await ns.BlobsElsewhereAsync(cancellationToken).ConfigureAwait(false);
            var items = new ConcurrentDictionary<StorageGraph.Node, long?>();
            foreach (var blob in graph.Blobs.Where(b => !kept.Contains(StorageGraph.Node.Content(b.Digest))))
                items[StorageGraph.Node.Content(blob.Digest)] = elsewhere.Contains(blob.Digest) ? 0 : blob.Size;
            var snapshots = graph.Snapshots.Where(s => !kept.Contains(StorageGraph.Node.Snapshot(s.Snapshotter, s.Name))).ToList();
            foreach (var snapshot in snapshots)
                items[StorageGraph.Node.Snapshot(snapshot.Snapshotter, snapshot.Name)] = null;
            using var time = new CancellationTokenSource(Limit);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
            await LimitedAsync(() => MeasureSnapshotsAsync(snapshots, items, progress, either.Token), cancellationToken)
                .ConfigureAwait(false);
            var sizes = plan.Volumes.ToDictionary(v => v.Name, _ => (long?)null, StringComparer.Ordinal);
            if (plan.Volumes.Count > 0)
                await LimitedAsync(() => volumes.MeasureAsync(plan.Volumes, either.Token), cancellationToken).ConfigureAwait(false);
            foreach (var volume in plan.Volumes)
                sizes[volume.Name] = volume.Size;
            return new ReclaimableSpace(items, sizes, plan.Ingests.Sum(i => i.Offset ?? 0));
        }
        catch (CtrException e) when (!e.IsUnanswered())
        {
            return null;
        }
    }

    /// <summary>The bytes of the blobs and snapshots that no longer exist; null if they are not known.</summary>
    internal async Task<long?> FreedAsync(ReclaimableSpace? before, CancellationToken cancellationToken)
    {
        if (before is null)
            return null;
        try
        {
            // The garbage collector may be at work for removals that were not awaited.
            await ns.Leases.CollectGarbageAsync(cancellationToken).ConfigureAwait(false);
            var graph = await LoadAsync(cancellationToken).ConfigureAwait(false);
            var left = graph
                .Blobs.Select(b => StorageGraph.Node.Content(b.Digest))
                .Concat(graph.Snapshots.Select(s => StorageGraph.Node.Snapshot(s.Snapshotter, s.Name)))
                .ToHashSet();
            return before.Items.Where(item => !left.Contains(item.Key)).Aggregate((long?)0, (sum, item) => sum + item.Value);
        }
        catch (CtrException)
        {
            return null;
        }
    }

    private async Task<StorageGraph> LoadAsync(CancellationToken cancellationToken) =>
        await StorageGraph
            .LoadAsync(ns, await ns.Snapshots.SnapshottersAsync(cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);

    private async Task MeasureSnapshotsAsync(
        List<CtrSnapshot> snapshots,
        ConcurrentDictionary<StorageGraph.Node, long?> items,
        IProgress<ImageProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var measured = 0;
        await Parallel
            .ForEachAsync(
                snapshots,
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
                async (snapshot, cancellationToken) =>
                {
                    // A snapshot that was removed meanwhile frees nothing.
                    items[StorageGraph.Node.Snapshot(snapshot.Snapshotter, snapshot.Name)] = await ns
                        .Snapshots.TryMeasureAsync(snapshot, cancellationToken)
                        .ConfigureAwait(false)
                        ? snapshot.Size
                        : 0;
                    progress?.Report(
                        new ImageProgress(ImageProgressStage.Measuring, snapshot.Name, Interlocked.Increment(ref measured), snapshots.Count)
                    );
                }
            )
            .ConfigureAwait(false);
    }

    /// <summary>Measures a part; what cannot be measured, or not in time, has no size.</summary>
    private static async Task LimitedAsync(Func<Task> measure, CancellationToken cancellationToken)
    {
        try
        {
            await measure().ConfigureAwait(false);
        }
        catch (Exception e)
            when (!cancellationToken.IsCancellationRequested
                && (e is OperationCanceledException || (e is CtrException error && !error.IsUnanswered()))
            )
        {
            // The sizes that are missing stay unknown.
        }
    }
}
