using Containerd.Client.Images;
using Containerd.Client.Workloads.Stats;

namespace Containerd.Client.Workloads.Namespaces;

/// <summary>Everything that a namespace holds, counted or taken away.</summary>
internal sealed class NamespaceContent(ImageScope ns, ContainerStore containers, TaskService tasks)
{
    internal async Task<CtrNamespaceCounts> CountAsync(CancellationToken cancellationToken)
    {
        var counts = new CtrNamespaceCounts
        {
            Containers = (await ns.ContainerRecords.ListAsync(cancellationToken)).Count,
            RunningTasks = (await ns.TaskRecords.ListAsync(cancellationToken)).Count(t => t.Status != CtrStatus.Stopped),
            Images = (await ns.ImageRecords.NamesAsync(cancellationToken)).Count,
            Content = (await ns.Content.ListPlainAsync(StoreFilter.All, cancellationToken)).Count,
            Ingests = (await ns.Content.ListIngestsAsync(StoreFilter.All, cancellationToken)).Count,
            // A container's name is no object of its own: its lease is removed with the container.
            Leases = (await ns.Leases.ListAsync(StoreFilter.All, cancellationToken)).Count(l => l.ContainerName is null && (l.ExpiresAt is not { } end || end > DateTime.Now)),
        };
        foreach (var snapshotter in await ns.Snapshots.SnapshottersAsync(cancellationToken))
            counts.Snapshots += (await ns.Snapshots.ListAsync(snapshotter, StoreFilter.All, cancellationToken)).Count;
        return counts;
    }

    /// <summary>Takes everything away: first what runs, then what refers to something, then what is referred to.</summary>
    internal async Task RemoveAsync(IProgress<string>? progress, CancellationToken cancellationToken)
    {
        var left = false;
        foreach (var container in await ns.ContainerRecords.ListAsync(cancellationToken))
            await EachAsync($"container {container.ContainerId}", () => containers.RemoveAsync(container.ContainerId, force: true, cancellationToken));
        // A task may have lost its container.
        foreach (var task in await ns.TaskRecords.ListAsync(cancellationToken))
            await EachAsync($"task {task.ContainerId}", () => tasks.RemoveAsync(task.ContainerId, force: true, cancellationToken));
        foreach (var image in await ns.ImageRecords.NamesAsync(cancellationToken))
            await EachAsync($"image {image}", () => ns.Images.RemoveAsync(image, force: true, synchronous: false, cancellationToken));
        foreach (var lease in await ns.Leases.ListAsync(StoreFilter.All, cancellationToken))
            await EachAsync($"lease {lease.Id}", () => ns.Leases.DeleteAsync(lease.Id, synchronous: false, cancellationToken));
        foreach (var ingest in await ns.Content.ListIngestsAsync(StoreFilter.All, cancellationToken))
            await EachAsync($"unfinished write {ingest.Reference}", () => ns.Content.RemoveIngestAsync(ingest.Reference, cancellationToken));
        foreach (var blob in await ns.Content.ListPlainAsync(StoreFilter.All, cancellationToken))
            await EachAsync($"blob {blob.Digest}", () => ns.Content.RemoveAsync(blob.Digest, force: true, cancellationToken));
        foreach (var snapshotter in await ns.Snapshots.SnapshottersAsync(cancellationToken))
        {
            foreach (var snapshot in SnapshotOrder.ChildrenFirst(await ns.Snapshots.ListAsync(snapshotter, StoreFilter.All, cancellationToken)))
                await EachAsync($"snapshot {snapshot.Name}", () => RemoveAsync(snapshot));
        }

        if (left) await ns.Leases.CollectAsync(cancellationToken);

        async Task RemoveAsync(CtrSnapshot snapshot)
        {
            try
            {
                await ns.Snapshots.RemoveAsync(snapshot.Snapshotter, snapshot.Name, cancellationToken);
            }
            catch (CtrConflictException)
            {
                await ns.Snapshots.LetGoAsync(snapshot.Snapshotter, snapshot.Name, cancellationToken);
                left = true;
            }
        }

        async Task EachAsync(string what, Func<Task> remove)
        {
            cancellationToken.ThrowIfCancellationRequested();
            progress?.Report(what);
            try
            {
                await remove();
            }
            catch (CtrNotFoundException)
            {
                // The garbage collector, or somebody else, was faster.
            }
        }
    }
}
