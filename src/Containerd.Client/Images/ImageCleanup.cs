using Containerd.Client.Records;
using Containerd.Client.Storage;
using Containerd.Client.Wire.Images;
using Containerd.Host;
using Containerd.Oci;
using Containerd.Oci.Images;

namespace Containerd.Client.Images;

/// <summary>Finds and removes images that no container uses.</summary>
internal sealed class ImageCleanup(ImageScope ns)
{
    // Images that containerd's CRI plugin keeps permanently, such as that of pod sandboxes.
    private const string PinnedLabel = "io.cri-containerd.pinned";

    /// <inheritdoc cref="ImageStore.UnusedAsync"/>
    internal async Task<(IReadOnlyList<string> Unused, IReadOnlyList<string> InUse)> UnusedAsync(
        ImageCleanupOptions options,
        CancellationToken cancellationToken
    )
    {
        var all = await ns.ImageRecords.ListAsync(cancellationToken).ConfigureAwait(false);
        var containers = (await ns.ContainerRecords.ListAsync(cancellationToken).ConfigureAwait(false))
            .Where(c => options.Users?.Invoke(c) != false)
            .ToList();
        var names = containers.Select(c => c.Image).ToHashSet(StringComparer.Ordinal);
        var targets = all.Where(i => names.Contains(i.Name)).Select(i => i.Target.Digest).ToHashSet(StringComparer.Ordinal);
        var parents = containers
            .SelectMany(c => ImageMountLabels.Read(c.Labels))
            .Select(mounted => mounted.Parent)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var container in containers.Where(c => c.SnapshotKey.Length > 0))
        {
            if (
                await ns
                    .Snapshots.Records.FindAsync(container.Snapshotter, container.SnapshotKey, cancellationToken)
                    .ConfigureAwait(false) is
                { Parent.Length: > 0 } snapshot
            )
                parents.Add(snapshot.Parent);
        }

        var (unused, used) = (new List<string>(), new List<string>());
        var before = LongTime.Before(DateTime.UtcNow, options.OlderThan ?? TimeSpan.Zero);
        foreach (var image in all)
        {
            if (
                options.Names?.Invoke(image.Name) == false
                || !options.Filter.Wants(new CtrMap(image.Labels))
                || options.Spare?.Invoke(new CtrMap(image.Labels)) == true
            )
                continue;
            if (options.OlderThan is not null && (image.UpdatedAt ?? image.CreatedAt).ToDateTime() > before)
                continue;
            var kept =
                targets.Contains(image.Target.Digest)
                || image.Labels.GetValueOrDefault(PinnedLabel) == "pinned"
                || await StandsUnderAsync(image, parents, cancellationToken).ConfigureAwait(false);
            (kept ? used : unused).Add(image.Name);
        }

        return (unused, used);
    }

    /// <inheritdoc cref="ImageStore.ClearAsync"/>
    internal async Task<CtrImageCleanup> ClearAsync(
        IReadOnlyCollection<string> names,
        IProgress<ImageProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var cleanup = ns.Stamp(new CtrImageCleanup());
        if (names.Count == 0)
            return cleanup;
        var snapshotters = await ns.Snapshots.SnapshottersAsync(cancellationToken).ConfigureAwait(false);
        var before = await StorageGraph.LoadAsync(ns, snapshotters, cancellationToken).ConfigureAwait(false);
        var reached = before.Reach(before.Images.Where(i => names.Contains(i.Name)).SelectMany(i => i.References));
        var snapshots = before.Snapshots.Where(s => reached.Contains(StorageGraph.Node.Snapshot(s.Snapshotter, s.Name))).ToList();
        for (var i = 0; i < snapshots.Count; i++)
        {
            await ns.Snapshots.TryMeasureAsync(snapshots[i], cancellationToken).ConfigureAwait(false);
            progress?.Report(new ImageProgress(ImageProgressStage.Measuring, snapshots[i].Name, i + 1, snapshots.Count));
        }

        var removed = new List<string>();
        foreach (var name in names)
        {
            if (removed.Count > 0)
                cancellationToken.ThrowIfCancellationRequested();
            progress?.Report(new ImageProgress(ImageProgressStage.Removing, name, removed.Count, names.Count));
            try
            {
                // Only the last removal waits for the garbage collector.
                await ns
                    .Images.RemoveAsync(name, force: false, synchronous: removed.Count + 1 == names.Count, cancellationToken)
                    .ConfigureAwait(false);
                removed.Add(name);
            }
            catch (CtrException e)
                when (e is CtrNotFoundException { ErrorId: ErrorIds.ImageNotFound } or CtrConflictException { ErrorId: ErrorIds.ImageInUse }
                )
            {
                // Another client removed it, or has just created a container from it.
            }
        }

        // If the last one was kept, the garbage collector has not been awaited yet.
        if (removed.Count < names.Count)
            await ns.Leases.CollectGarbageAsync(cancellationToken).ConfigureAwait(false);
        var after = await StorageGraph.LoadAsync(ns, snapshotters, cancellationToken).ConfigureAwait(false);
        var blobs = after.Blobs.Select(b => b.Digest).ToHashSet(StringComparer.Ordinal);
        var left = after.Snapshots.Select(s => (s.Snapshotter, s.Name)).ToHashSet();
        var gone = before.Blobs.Where(b => reached.Contains(StorageGraph.Node.Content(b.Digest)) && !blobs.Contains(b.Digest)).ToList();
        var elsewhere = await ns.BlobsElsewhereAsync(cancellationToken).ConfigureAwait(false);
        var unpacked = snapshots.Where(s => !left.Contains((s.Snapshotter, s.Name))).ToList();
        cleanup.Removed = [.. removed];
        cleanup.Blobs = gone.Count;
        cleanup.Snapshots = unpacked.Count;
        cleanup.Freed = gone.Where(b => !elsewhere.Contains(b.Digest)).Sum(b => b.Size) + unpacked.Sum(s => s.Size ?? 0);
        return cleanup;
    }

    private async Task<bool> StandsUnderAsync(Image image, HashSet<string> parents, CancellationToken cancellationToken)
    {
        if (parents.Count == 0)
            return false;
        try
        {
            var tree = await ImageTree
                .LoadAsync(ns.Content, image.Target.ToDescriptor(), ImageOrigin.Stored(image.Name), cancellationToken, (_, _) => { })
                .ConfigureAwait(false);
            foreach (var manifest in tree.Manifests.Where(m => m.Document is not null && ImageTree.IsContainerImage(m)))
            {
                if (await ns.Content.Records.FindAsync(manifest.Document!.Config!.Digest, cancellationToken).ConfigureAwait(false) is null)
                    continue;
                if (
                    parents.Contains(
                        ImageUnpacker.ChainId((await tree.ConfigAsync(manifest, cancellationToken).ConfigureAwait(false)).DiffIds())
                    )
                )
                    return true;
            }
        }
        catch (CtrDataException)
        {
            // An image that cannot be read has no layers that a container could use.
        }

        return false;
    }
}
