using Containerd.Client.Images;
using Containerd.Client.Storage;
using Containerd.Client.Transport;
using Containerd.Client.Wire.Diff;
using Containerd.Client.Workloads.Specs;
using Containerd.Oci.Images;

namespace Containerd.Client.Workloads.Checkpoints;

/// <summary>
/// Exports a container's changes to its root file system from its snapshot as a layer, and applies it to another one (diff.v1).
/// </summary>
internal sealed class RootfsLayer(ImageScope ns)
{
    /// <summary>Copies a layer out of the content store.</summary>
    internal async Task SaveAsync(OciDescriptor layer, string path, CancellationToken cancellationToken)
    {
        var file = CheckpointFolder.Create(path);
        await using (file.ConfigureAwait(false))
            await ns.Content.Reader.CopyAsync(layer.Digest, file.WriteAsync, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Applies a saved layer to a new snapshot. The layer is in the content store only as long as the lease.</summary>
    internal async Task ApplyAsync(string path, string digest, LeasedSnapshot snapshot, CancellationToken cancellationToken)
    {
        var file = new FileStream(path, new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
        await using (file.ConfigureAwait(false))
        {
            await ns
                .Content.Writer.WriteAsync(
                    $"checkpoint-{Guid.NewGuid():N}",
                    file,
                    file.Length,
                    digest,
                    snapshot.Lease,
                    cancellationToken: cancellationToken
                )
                .ConfigureAwait(false);
            var request = new ApplyRequest
            {
                Diff = new()
                {
                    MediaType = MediaTypes.OciLayer,
                    Digest = digest,
                    Size = file.Length,
                },
            };
            request.Mounts.AddRange(
                (await ns.Snapshots.MountsAsync(snapshot.Snapshotter, snapshot.Key, cancellationToken).ConfigureAwait(false)).Select(m =>
                    m.ToWire()
                )
            );
            await BackgroundWork
                .CompleteOrUndoAsync(
                    stop =>
                        new Diff.DiffClient(ns.Calls(snapshot.Lease))
                            .ApplyAsync(request, cancellationToken: stop)
                            .TranslateErrors(Resource.Snapshot, snapshot.Key),
                    undo: null,
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
    }
}
