using Containerd.Client.Records;
using Containerd.Client.Storage;
using Containerd.Client.Transport;
using Containerd.Client.Wire.Diff;
using Containerd.Host.Errors;
using Containerd.Oci;
using Containerd.Oci.Images;

namespace Containerd.Client;

public sealed partial class SnapshotStore
{
    /// <summary>
    /// Packs the differences between a snapshot and another one as a layer in the content store, and protects it from the garbage
    /// collector: with the lease of the namespace view, or else with the label <c>containerd.io/gc.root</c> (diff.v1 Diff).
    /// </summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="name">The snapshot.</param>
    /// <param name="with">The snapshot to compare it with; null for its parent.</param>
    /// <param name="compression">The compression of the layer.</param>
    /// <param name="labels">Labels for the blob; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The blob.</returns>
    /// <exception cref="CtrNotFoundException">SnapshotNotFound, SnapshotterNotFound.</exception>
    /// <exception cref="CtrNotSupportedException">CompressionNotSupported: this containerd does not support the compression.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrContent> ExportAsync(
        string snapshotter,
        string name,
        string? with,
        CtrLayerCompression compression,
        IReadOnlyDictionary<string, string>? labels = null,
        CancellationToken cancellationToken = default
    )
    {
        var kept = Retention.Labels(_namespace, labels);
        var lease = await _namespace.Leases.CreateAsync(TimeSpan.FromHours(1), cancellationToken: cancellationToken).ConfigureAwait(false);
        await using var leaseDisposal = lease.ConfigureAwait(false);
        var layer = await DiffAsync(snapshotter, name, with, compression, kept, lease.Id, cancellationToken).ConfigureAwait(false);
        // A blob that already existed does not have the labels.
        var blob = await _namespace.Content.KeepAsync(layer.Digest, kept, cancellationToken).ConfigureAwait(false);
        if (blob.Kind == CtrContentKind.Unknown)
            blob.Kind = CtrContentKind.Layer;
        return blob;
    }

    /// <summary>Like <see cref="ExportAsync"/>, but to a file: the blob is removed again.</summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="name">The snapshot.</param>
    /// <param name="with">The snapshot to compare it with; null for its parent.</param>
    /// <param name="compression">The compression of the layer.</param>
    /// <param name="path">
    /// The file; a device, a named pipe or a file with several hard links is written in place, any other file is replaced.
    /// </param>
    /// <param name="progress">Receives progress: first the daemon packs, which has no measurable progress; null for none.</param>
    /// <param name="noClobber">Whether an existing file is an error.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that completes when the file is written.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task ExportToFileAsync(
        string snapshotter,
        string name,
        string? with,
        CtrLayerCompression compression,
        string path,
        IProgress<ImageProgress>? progress = null,
        bool noClobber = false,
        CancellationToken cancellationToken = default
    )
    {
        progress?.Report(new ImageProgress(ImageProgressStage.Writing, name, 0, 0));
        var lease = await _namespace.Leases.CreateAsync(TimeSpan.FromHours(1), cancellationToken: cancellationToken).ConfigureAwait(false);
        await using var leaseDisposal = lease.ConfigureAwait(false);
        var layer = await DiffAsync(snapshotter, name, with, compression, null, lease.Id, cancellationToken).ConfigureAwait(false);
        await _namespace.Content.SaveAsync(layer.Digest, path, progress, noClobber, cancellationToken).ConfigureAwait(false);
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
                    await MountsToReadAsync(await GetAsync(snapshot.Snapshotter, from, cancellationToken).ConfigureAwait(false))
                        .ConfigureAwait(false)
                );
            request.Right.AddRange(await MountsToReadAsync(snapshot).ConfigureAwait(false));
            // The views and the unfinished write are removed only when the daemon no longer uses them.
            var reply = await UnfinishedWork
                .AnswerAsync(
                    stop =>
                        new Diff.DiffClient(_namespace.Calls(lease))
                            .DiffAsync(request, cancellationToken: stop)
                            .About(Resource.Snapshot, snapshot.Name),
                    undo: null,
                    cancellationToken
                )
                .ConfigureAwait(false);
            return reply.Diff.ToDescriptor();
        }
        catch
        {
            // The unfinished write of the daemon has a known name.
            await _namespace.Content.AbortAsync(request.Ref).ConfigureAwait(false);
            throw;
        }
        finally
        {
            // The rest is removed with the lease.
            foreach (var view in views)
                await UnfinishedWork.TryAsync(deadline => RemoveAsync(snapshot.Snapshotter, view, deadline)).ConfigureAwait(false);
        }

        // A committed snapshot has no mounts of its own.
        async Task<IEnumerable<Wire.Types.Mount>> MountsToReadAsync(CtrSnapshot side)
        {
            if (side.Kind != CtrSnapshotKind.Committed)
                return (await MountsAsync(side.Snapshotter, side.Name, cancellationToken).ConfigureAwait(false)).Select(m => m.ToWire());
            var view = $"{side.Name}-diff-{Guid.NewGuid():N}";
            views.Add(view);
            return (
                await ViewAsync(side.Snapshotter, view, side.Name, lease: lease, cancellationToken: cancellationToken).ConfigureAwait(false)
            ).Select(m => m.ToWire());
        }
    }

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
        var snapshot = await GetAsync(snapshotter, name, cancellationToken).ConfigureAwait(false);
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
                ErrorId = "CompressionNotSupported",
                Subject = name,
                Remedy = "Take Gzip or None; Zstd needs containerd 2.1 or later.",
            };
        }
    }
}
