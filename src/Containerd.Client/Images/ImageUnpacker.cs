using System.Security.Cryptography;
using System.Text;
using Containerd.Client.Records;
using Containerd.Client.Storage;
using Containerd.Client.Transport;
using Containerd.Client.Wire.Diff;
using Containerd.Host;
using Containerd.Oci;
using Containerd.Oci.Images;
using Grpc.Core;

namespace Containerd.Client.Images;

/// <summary>Unpacks the layers of a manifest to committed snapshots, on which the snapshot of a container is prepared.</summary>
internal sealed class ImageUnpacker(ImageScope ns, ImageOrigin origin)
{
    // How often a parent may be removed concurrently (by another client's garbage collection) before that is an error.
    private const int Attempts = 3;

    /// <summary>The name of the snapshot for a chain of layers, according to the OCI image spec.</summary>
    public static string ChainId(IReadOnlyList<string> diffIds)
    {
        if (diffIds.Count == 0)
            return "";
        var chain = diffIds[0];
        foreach (var diffId in diffIds.Skip(1))
            chain = "sha256:" + Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes(chain + " " + diffId))).ToLowerInvariant();
        return chain;
    }

    /// <summary>Unpacks the layers that are not unpacked yet.</summary>
    /// <returns>The name of the topmost snapshot; empty for an image without layers.</returns>
    public async Task<string> UnpackAsync(
        ImageManifest manifest,
        IReadOnlyList<string> diffIds,
        string snapshotter,
        string lease,
        IProgress<ImageProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var layers = manifest.Document!.ImageLayers(diffIds.Count);
        if (layers.Count != diffIds.Count)
            throw origin.Fault($"the manifest {manifest.Descriptor.Digest} has {layers.Count} layers, its config {diffIds.Count}");
        var top = ChainId(diffIds);
        if (top.Length == 0)
            return "";
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await ApplyMissingAsync(layers, diffIds, snapshotter, lease, progress, cancellationToken).ConfigureAwait(false);

                // An existing snapshot is held by its creator; from now on by our lease too.
                await ns.Leases.AddAsync(lease, "snapshots/" + snapshotter, top, cancellationToken).ConfigureAwait(false);
                if (await ns.Snapshots.Records.FindAsync(snapshotter, top, cancellationToken).ConfigureAwait(false) is not null)
                    break;
                if (attempt == Attempts)
                    throw RpcErrors.NotFound(Resource.Snapshot, top);
            }
            catch (CtrNotFoundException) when (attempt < Attempts) { }
        }

        await ns
            .Content.UpdateLabelsAsync(
                manifest.Document.Config!.Digest,
                new Dictionary<string, string> { ["containerd.io/gc.ref.snapshot." + snapshotter] = top },
                cancellationToken
            )
            .ConfigureAwait(false);
        return top;
    }

    private async Task ApplyMissingAsync(
        IReadOnlyList<OciDescriptor> layers,
        IReadOnlyList<string> diffIds,
        string snapshotter,
        string lease,
        IProgress<ImageProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        if (await ns.Snapshots.Records.FindAsync(snapshotter, ChainId(diffIds), cancellationToken).ConfigureAwait(false) is not null)
            return;
        var parent = "";
        for (var i = 0; i < layers.Count; i++)
        {
            progress?.Report(new ImageProgress(ImageProgressStage.Unpacking, layers[i].Digest, i, layers.Count));
            var name = ChainId([.. diffIds.Take(i + 1)]);
            if (await ns.Snapshots.Records.FindAsync(snapshotter, name, cancellationToken).ConfigureAwait(false) is null)
            {
                await ApplyAsync(layers[i], diffIds[i], parent, name, snapshotter, lease, cancellationToken).ConfigureAwait(false);
            }

            parent = name;
        }

        progress?.Report(new ImageProgress(ImageProgressStage.Unpacking, layers[^1].Digest, layers.Count, layers.Count));
    }

    private async Task ApplyAsync(
        OciDescriptor layer,
        string diffId,
        string parent,
        string name,
        string snapshotter,
        string lease,
        CancellationToken cancellationToken
    )
    {
        var key = $"extract-{Guid.NewGuid():N} {name}";
        var committed = false;
        try
        {
            var mounts = await ns
                .Snapshots.Records.PrepareAsync(snapshotter, key, parent, null, lease, cancellationToken)
                .ConfigureAwait(false);
            var applied = await DiffAsync(layer, mounts, lease, cancellationToken).ConfigureAwait(false);
            if (applied != diffId)
                throw origin.Mismatch($"the layer {layer.Digest} unpacks to {applied}, its config says {diffId}");
            committed = await ns
                .Snapshots.Records.CommitAsync(snapshotter, name, key, lease, null, cancellationToken)
                .ConfigureAwait(false);

            // Only now is the blob known to match the config.
            await ns
                .Content.UpdateLabelsAsync(
                    layer.Digest,
                    new Dictionary<string, string> { ["containerd.io/uncompressed"] = diffId },
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
        finally
        {
            if (!committed)
                await RemoveAsync(snapshotter, key).ConfigureAwait(false);
        }
    }

    private async Task<string> DiffAsync(
        OciDescriptor layer,
        IReadOnlyList<SnapshotMount> mounts,
        string lease,
        CancellationToken cancellationToken
    )
    {
        var request = new ApplyRequest { Diff = layer.ToWire() };
        request.Mounts.AddRange(mounts.Select(m => m.ToWire()));
        try
        {
            // The snapshot is removed only when the daemon no longer writes to it.
            return (
                await BackgroundWork
                    .CompleteOrUndoAsync(
                        async stop => await new Diff.DiffClient(ns.Calls(lease)).ApplyAsync(request, cancellationToken: stop),
                        undo: null,
                        cancellationToken
                    )
                    .ConfigureAwait(false)
            )
                .Applied
                .Digest;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unknown)
        {
            throw origin.Fault(
                $"the daemon cannot unpack the layer {layer.Digest} ({layer.MediaType}): {e.Status.Detail}",
                "LayerNotUnpacked",
                e
            );
        }
        catch (RpcException e)
        {
            throw RpcErrors.Translate(e, Resource.Content, layer.Digest);
        }
    }

    private async Task RemoveAsync(string snapshotter, string key)
    {
        using var deadline = new CancellationTokenSource(BackgroundWork.CleanUpDeadline);
        try
        {
            await ns.Snapshots.Records.RemoveAsync(snapshotter, key, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException)
        {
            // It is removed with the lease.
        }
    }
}
