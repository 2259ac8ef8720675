using Containerd.Client.Wire.Content;
using Containerd.Client.Wire.Diff;
using Grpc.Core;

namespace Containerd.Client;

/// <summary>What a container has changed in its root file system, out of its snapshot as a layer and into another one (diff.v1).</summary>
internal sealed class RootfsLayer(NamespaceClient ns)
{
    private static readonly TimeSpan CleanUpDeadline = TimeSpan.FromSeconds(30);

    /// <summary>Has the daemon pack a container's changes into its content store, under a lease.</summary>
    internal async Task<OciDescriptor> DiffAsync(string snapshotter, string key, string parent, string lease, CancellationToken cancellation)
    {
        var request = new DiffRequest { MediaType = MediaTypes.OciLayer, Ref = $"checkpoint-{Guid.NewGuid():N}" };
        var view = $"{key}-checkpoint-{Guid.NewGuid():N}";
        try
        {
            if (parent.Length > 0)
                request.Left.AddRange((await ns.Snapshots.ViewAsync(snapshotter, view, parent, lease, cancellation).ConfigureAwait(false)).Select(m => m.ToWire()));
            request.Right.AddRange((await ns.Snapshots.MountsAsync(snapshotter, key, cancellation).ConfigureAwait(false)).Select(m => m.ToWire()));
            var reply = await new Diff.DiffClient(ns.Calls(lease)).DiffAsync(request, cancellationToken: cancellation).About(Resource.Snapshot, key).ConfigureAwait(false);
            return OciDescriptor.From(reply.Diff);
        }
        finally
        {
            using var deadline = new CancellationTokenSource(CleanUpDeadline);
            await ns.Snapshots.RemoveAsync(snapshotter, view, deadline.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Copies a layer out of the content store.</summary>
    internal async Task SaveAsync(OciDescriptor layer, string path, CancellationToken cancellation)
    {
        var file = CheckpointFolder.Create(path);
        await using (file.ConfigureAwait(false))
        {
            try
            {
                using var call = new Content.ContentClient(ns.Calls()).Read(new ReadContentRequest { Digest = layer.Digest }, cancellationToken: cancellation);
                await foreach (var message in call.ResponseStream.ReadAllAsync(cancellation).ConfigureAwait(false))
                    await file.WriteAsync(message.Data.Memory, cancellation).ConfigureAwait(false);
            }
            catch (RpcException e)
            {
                throw RpcErrors.Translate(e, Resource.Content, layer.Digest);
            }
        }
    }

    /// <summary>Puts a saved layer into a fresh snapshot. The layer is in the content store for as long as the lease, no longer.</summary>
    internal async Task ApplyAsync(string path, string digest, SnapshotPlace place, CancellationToken cancellation)
    {
        var file = new FileStream(path, new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
        await using (file.ConfigureAwait(false))
        {
            await ns.Content.WriteAsync($"checkpoint-{Guid.NewGuid():N}", file, file.Length, digest, place.Lease, cancellationToken: cancellation).ConfigureAwait(false);
            var request = new ApplyRequest { Diff = new() { MediaType = MediaTypes.OciLayer, Digest = digest, Size = file.Length } };
            request.Mounts.AddRange((await ns.Snapshots.MountsAsync(place.Snapshotter, place.Key, cancellation).ConfigureAwait(false)).Select(m => m.ToWire()));
            await new Diff.DiffClient(ns.Calls(place.Lease)).ApplyAsync(request, cancellationToken: cancellation).About(Resource.Snapshot, place.Key).ConfigureAwait(false);
        }
    }
}
