using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Client.Wire.Diff;
using Containerd.Host;
using Containerd.Host.Mounts;
using Containerd.Oci;
using Containerd.Oci.Images;

namespace Containerd.Client.Storage;

/// <summary>Exports what snapshots have changed, as layers (diff.v1 Diff).</summary>
internal sealed class SnapshotExport(StorageScope ns)
{
    /// <inheritdoc cref="SnapshotStore.ExportAsync"/>
    internal async Task<CtrContent> ExportAsync(
        string snapshotter,
        string name,
        string? with,
        CtrLayerCompression compression,
        IReadOnlyDictionary<string, string>? labels,
        CancellationToken cancellationToken
    )
    {
        var kept = Retention.Labels(ns, labels);
        var lease = await ns.Leases.CreateAsync(TimeSpan.FromHours(1), cancellationToken: cancellationToken).ConfigureAwait(false);
        await using var leaseDisposal = lease.ConfigureAwait(false);
        var layer = await DiffAsync(snapshotter, name, with, compression, kept, lease.Id, cancellationToken).ConfigureAwait(false);
        // A blob that already existed does not have the labels.
        var blob = await ns.Content.Records.KeepAsync(layer.Digest, kept, cancellationToken).ConfigureAwait(false);
        if (blob.Kind == CtrContentKind.Unknown)
            blob.Kind = CtrContentKind.Layer;
        return blob;
    }

    /// <inheritdoc cref="SnapshotStore.ExportToFileAsync"/>
    internal async Task ExportToFileAsync(
        string snapshotter,
        string name,
        string? with,
        CtrLayerCompression compression,
        string path,
        IProgress<ImageProgress>? progress,
        bool noClobber,
        CancellationToken cancellationToken
    )
    {
        progress?.Report(new ImageProgress(ImageProgressStage.Writing, name, 0, 0));
        var lease = await ns.Leases.CreateAsync(TimeSpan.FromHours(1), cancellationToken: cancellationToken).ConfigureAwait(false);
        await using var leaseDisposal = lease.ConfigureAwait(false);
        var layer = await DiffAsync(snapshotter, name, with, compression, null, lease.Id, cancellationToken).ConfigureAwait(false);
        await ns.Content.SaveAsync(layer.Digest, path, progress, noClobber, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Packs the differences between a snapshot and another one, or an empty one, to the content store with the daemon, under a lease.
    /// </summary>
    internal async Task<OciDescriptor> DiffAsync(
        CtrSnapshot snapshot,
        string from,
        string mediaType,
        IReadOnlyDictionary<string, string>? labels,
        string lease,
        CancellationToken cancellationToken
    )
    {
        var request = new DiffRequest { MediaType = mediaType, Ref = $"diff-{Guid.NewGuid():N}" };
        foreach (var (key, value) in labels ?? new Dictionary<string, string>())
            request.Labels[key] = value;
        var views = new List<string>();
        try
        {
            if (from.Length > 0)
                request.Left.AddRange(
                    await MountsToReadAsync(
                            await ns.Snapshots.GetAsync(snapshot.Snapshotter, from, cancellationToken).ConfigureAwait(false)
                        )
                        .ConfigureAwait(false)
                );
            request.Right.AddRange(await MountsToReadAsync(snapshot).ConfigureAwait(false));
            // The views and the unfinished write are removed only when the daemon no longer uses them.
            var reply = await BackgroundWork
                .CompleteOrUndoAsync(
                    stop =>
                        new Diff.DiffClient(ns.Calls(lease))
                            .DiffAsync(request, cancellationToken: stop)
                            .TranslateErrors(Resource.Snapshot, snapshot.Name),
                    undo: null,
                    cancellationToken
                )
                .ConfigureAwait(false);
            return reply.Diff.ToDescriptor();
        }
        catch
        {
            // The unfinished write of the daemon has a known name.
            await ns.Content.Ingests.AbortAsync(request.Ref).ConfigureAwait(false);
            throw;
        }
        finally
        {
            // The rest is removed with the lease.
            foreach (var view in views)
                await BackgroundWork
                    .TryCleanUpAsync(deadline => ns.Snapshots.Records.RemoveAsync(snapshot.Snapshotter, view, deadline))
                    .ConfigureAwait(false);
        }

        // A committed snapshot has no mounts of its own.
        async Task<IEnumerable<Wire.Types.Mount>> MountsToReadAsync(CtrSnapshot side)
        {
            if (side.Kind != CtrSnapshotKind.Committed)
                return (await ns.Snapshots.MountsAsync(side.Snapshotter, side.Name, cancellationToken).ConfigureAwait(false)).Select(m =>
                    ToRead(m).ToWire()
                );
            var view = $"{side.Name}-diff-{Guid.NewGuid():N}";
            views.Add(view);
            return (
                await ns
                    .Snapshots.Records.ViewAsync(side.Snapshotter, view, side.Name, lease: lease, cancellationToken: cancellationToken)
                    .ConfigureAwait(false)
            ).Select(m => m.ToWire());
        }
    }

    /// <summary>
    /// The mount without its writable layer. The daemon would mount it a second time, for which the kernel creates its work directory
    /// again, and a running container could no longer write to most of its directories.
    /// </summary>
    private static SnapshotMount ToRead(SnapshotMount mount) =>
        mount.Type == "overlay" ? mount with { Options = OverlayOptions.Parse(mount.Options).ToReadOnly().ToOptions() } : mount;

    private async Task<OciDescriptor> DiffAsync(
        string snapshotter,
        string name,
        string? with,
        CtrLayerCompression compression,
        IReadOnlyDictionary<string, string>? labels,
        string lease,
        CancellationToken cancellationToken
    )
    {
        var snapshot = await ns.Snapshots.GetAsync(snapshotter, name, cancellationToken).ConfigureAwait(false);
        var type = compression switch
        {
            CtrLayerCompression.None => MediaTypes.OciLayer,
            CtrLayerCompression.Zstd => MediaTypes.OciLayerZstd,
            _ => MediaTypes.OciLayerGzip,
        };
        try
        {
            return await DiffAsync(snapshot, with ?? snapshot.Parent, type, labels, lease, cancellationToken).ConfigureAwait(false);
        }
        catch (CtrNotSupportedException e) when (e.Message.Contains(type, StringComparison.Ordinal))
        {
            throw new CtrNotSupportedException($"This containerd cannot compress a layer with {compression}.", e)
            {
                ErrorId = ErrorIds.CompressionNotSupported,
                Subject = name,
                Remedy = "Use Gzip or None; Zstd requires containerd 2.1 or later.",
            };
        }
    }
}
