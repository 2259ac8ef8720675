using Containerd.Client.Images;
using Containerd.Client.Workloads.Stats;

namespace Containerd.Client.Workloads.Namespaces;

/// <summary>Counts or removes the contents of a namespace.</summary>
internal sealed class NamespaceContent(ImageScope ns, ContainerStore containers, TaskService tasks)
{
    internal async Task<CtrNamespaceCounts> CountAsync(CancellationToken cancellationToken)
    {
        var counts = new CtrNamespaceCounts
        {
            Containers = (await ns.ContainerRecords.ListAsync(cancellationToken).ConfigureAwait(false)).Count,
            RunningTasks = (await ns.TaskRecords.ListAsync(cancellationToken).ConfigureAwait(false)).Count(t =>
                t.Status != CtrStatus.Stopped
            ),
            Images = (await ns.ImageRecords.NamesAsync(cancellationToken).ConfigureAwait(false)).Count,
            Content = (await ns.Content.Records.ListPlainAsync(StoreFilter.All, cancellationToken).ConfigureAwait(false)).Count,
            Ingests = (await ns.Content.ListIngestsAsync(StoreFilter.All, cancellationToken).ConfigureAwait(false)).Count,
            // The name of a container is not a separate object: its lease is removed with the container.
            Leases = (await ns.Leases.ListAsync(StoreFilter.All, cancellationToken).ConfigureAwait(false)).Count(l =>
                l.ContainerName is null && (l.ExpiresAt is not { } end || end > DateTime.Now)
            ),
        };
        foreach (var snapshotter in await ns.Snapshots.SnapshottersAsync(cancellationToken).ConfigureAwait(false))
            counts.Snapshots += (await ns.Snapshots.ListAsync(snapshotter, StoreFilter.All, cancellationToken).ConfigureAwait(false)).Count;
        return counts;
    }

    /// <summary>Removes everything: first running tasks, then referrers, then their targets.</summary>
    internal async Task RemoveAsync(IProgress<string>? progress, CancellationToken cancellationToken)
    {
        var left = false;
        foreach (var container in await ns.ContainerRecords.ListAsync(cancellationToken).ConfigureAwait(false))
            await EachAsync([ErrorIds.ContainerNotFound], $"container {container.ContainerId}", () =>
                    containers.RemoveAsync(container.ContainerId, force: true, cancellationToken)
                )
                .ConfigureAwait(false);
        // A task may exist without its container.
        foreach (var task in await ns.TaskRecords.ListAsync(cancellationToken).ConfigureAwait(false))
            await EachAsync([ErrorIds.TaskNotFound, ErrorIds.ContainerNotFound], $"task {task.ContainerId}", () =>
                    tasks.RemoveAsync(task.ContainerId, force: true, cancellationToken)
                )
                .ConfigureAwait(false);
        foreach (var image in await ns.ImageRecords.NamesAsync(cancellationToken).ConfigureAwait(false))
            await EachAsync([ErrorIds.ImageNotFound], $"image {image}", () =>
                    ns.Images.RemoveAsync(image, force: true, synchronous: false, cancellationToken)
                )
                .ConfigureAwait(false);
        foreach (var lease in await ns.Leases.ListAsync(StoreFilter.All, cancellationToken).ConfigureAwait(false))
            await EachAsync([ErrorIds.LeaseNotFound], $"lease {lease.Id}", () =>
                    ns.Leases.DeleteAsync(lease.Id, synchronous: false, cancellationToken)
                )
                .ConfigureAwait(false);
        foreach (var ingest in await ns.Content.ListIngestsAsync(StoreFilter.All, cancellationToken).ConfigureAwait(false))
            await EachAsync([ErrorIds.IngestNotFound], $"unfinished write {ingest.Reference}", () =>
                    ns.Content.RemoveIngestAsync(ingest.Reference, cancellationToken)
                )
                .ConfigureAwait(false);
        foreach (var blob in await ns.Content.Records.ListPlainAsync(StoreFilter.All, cancellationToken).ConfigureAwait(false))
            await EachAsync([ErrorIds.ContentNotFound], $"blob {blob.Digest}", () =>
                    ns.Content.RemoveAsync(blob.Digest, force: true, cancellationToken)
                )
                .ConfigureAwait(false);
        foreach (var snapshotter in await ns.Snapshots.SnapshottersAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach (
                var snapshot in SnapshotOrder.ChildrenFirst(
                    await ns.Snapshots.ListAsync(snapshotter, StoreFilter.All, cancellationToken).ConfigureAwait(false)
                )
            )
                await EachAsync([ErrorIds.SnapshotNotFound], $"snapshot {snapshot.Name}", () => RemoveAsync(snapshot))
                    .ConfigureAwait(false);
        }

        if (left)
            await ns.Leases.CollectAsync(cancellationToken).ConfigureAwait(false);

        async Task RemoveAsync(CtrSnapshot snapshot)
        {
            try
            {
                await ns.Snapshots.Records.RemoveAsync(snapshot.Snapshotter, snapshot.Name, cancellationToken).ConfigureAwait(false);
            }
            catch (CtrConflictException)
            {
                await ns.Snapshots.Records.ReleaseAsync(snapshot.Snapshotter, snapshot.Name, cancellationToken).ConfigureAwait(false);
                left = true;
            }
        }

        async Task EachAsync(string[] missing, string what, Func<Task> remove)
        {
            cancellationToken.ThrowIfCancellationRequested();
            progress?.Report(what);
            await UnlessMissingAsync(missing, remove).ConfigureAwait(false);
        }
    }

    /// <summary>Removes an object that the garbage collector or another client may have removed meanwhile.</summary>
    /// <param name="missing">The ids of the errors that mean this. Any other missing object is a failure of the removal.</param>
    /// <param name="remove">The removal.</param>
    internal static async Task UnlessMissingAsync(string[] missing, Func<Task> remove)
    {
        try
        {
            await remove().ConfigureAwait(false);
        }
        catch (CtrNotFoundException e) when (missing.Contains(e.ErrorId))
        {
            // It was removed, as it should be.
        }
    }
}
