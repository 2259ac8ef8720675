using System.Text.Json.Nodes;
using Containerd.Client.Records;
using Containerd.Client.Specs;
using Containerd.Client.Transport;
using Containerd.Oci;
using Containerd.Oci.Images;

namespace Containerd.Client.Images;

/// <summary>
/// A commit: the changes of a container to its root file system become a layer on top of those of its image, with a new config and
/// manifest. The image is unpacked, and the name is written last. One lease protects everything, so that a failure leaves nothing behind.
/// </summary>
internal sealed class ImageCommitter(ImageScope ns, ImageCommitOptions commit, IProgress<ImageProgress>? progress)
{
    private static readonly TimeSpan LeaseExpiry = TimeSpan.FromHours(24);

    /// <summary>The image of a container: its manifest and config as they are stored.</summary>
    private sealed record BaseImage(ImageManifest? Manifest, JsonObject Config, JsonArray Layers, string[] DiffIds);

    public async Task<CtrImage> RunAsync(string containerId, CancellationToken cancellationToken)
    {
        var name = ImageReference.Normalize(commit.Name);
        if (ImageReference.ObjectOf(name).StartsWith('@'))
            throw new CtrArgumentException($"'{name}' ends with a digest, but the digest of an image is not known before it is created.")
            {
                ErrorId = ErrorIds.DigestConflict,
                Subject = name,
                Remedy = "Use a tag.",
            };
        await ns.ImageNames.RequireFreeAsync(name, null, commit.Force, cancellationToken).ConfigureAwait(false);
        var container = await ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        if (container.SnapshotKey.Length == 0)
        {
            throw new CtrNotSupportedException(
                $"Container '{containerId}' has no layer of its own: its root file system is a directory of the host."
            )
            {
                ErrorId = ErrorIds.ContainerWithoutSnapshot,
                Subject = containerId,
                Remedy = "Create the container from an image.",
            };
        }

        IdMapping.RequireNone(
            container.Spec,
            containerId,
            "its layer would have owners of the host, and no image could be its base",
            "CommitWithoutIdMap",
            "Make the changes in a container without an id mapping, and create the image from that container."
        );
        var lease = await ns.Leases.CreateAsync(LeaseExpiry, cancellationToken: cancellationToken).ConfigureAwait(false);
        await using var leaseDisposal = lease.ConfigureAwait(false);
        var snapshot = await ns.Snapshots.GetAsync(container.Snapshotter, container.SnapshotKey, cancellationToken).ConfigureAwait(false);
        var found = await FindBaseAsync(container, snapshot.Parent, lease.Id, cancellationToken).ConfigureAwait(false);

        OciDescriptor layer;
        var task = commit.Pause ? await ns.TaskRecords.FindAsync(containerId, cancellationToken).ConfigureAwait(false) : null;
        await using (await FrozenTask.FreezeAsync(ns, task, cancellationToken).ConfigureAwait(false))
            layer = await ns
                .Snapshots.Export.DiffAsync(snapshot, snapshot.Parent, MediaTypes.OciLayerGzip, null, lease.Id, cancellationToken)
                .ConfigureAwait(false);

        var origin = ImageOrigin.Stored(name);
        var diffId = (await ns.Content.Records.FindAsync(layer.Digest, cancellationToken).ConfigureAwait(false))?.Labels.GetValueOrDefault(
            "containerd.io/uncompressed"
        ) ?? (await UnpackedLayer.MeasureAsync(ns.Content, layer, origin, cancellationToken).ConfigureAwait(false)).Digest;
        var manifest = await StoreAsync(
                found,
                layer,
                diffId,
                string.Join(' ', container.Spec?.Process?.Args ?? []),
                lease.Id,
                cancellationToken
            )
            .ConfigureAwait(false);
        var tree = await ImageTree.LoadAsync(ns.Content, manifest, origin, cancellationToken).ConfigureAwait(false);
        await new ImageUnpacker(ns, origin)
            .UnpackAsync(tree.Manifests[0], [.. found.DiffIds, diffId], container.Snapshotter, lease.Id, progress, cancellationToken)
            .ConfigureAwait(false);
        return (
            await ns.ImageNames.PutAsync([(name, manifest)], new Dictionary<string, string>(), cancellationToken).ConfigureAwait(false)
        )[0];
    }

    private async Task<OciDescriptor> StoreAsync(
        BaseImage found,
        OciDescriptor layer,
        string diffId,
        string createdBy,
        string lease,
        CancellationToken cancellationToken
    )
    {
        // Media types of Docker and OCI cannot be mixed in one manifest.
        var docker = found.Manifest?.Descriptor.MediaType == MediaTypes.DockerManifest;
        CommittedConfig.Change(found.Config, commit, diffId, createdBy, DateTime.UtcNow);
        var config = await WriteAsync(docker ? MediaTypes.DockerConfig : MediaTypes.OciConfig, found.Config, lease, cancellationToken)
            .ConfigureAwait(false);
        found.Layers.Add(ToJson(docker ? MediaTypes.DockerLayerGzip : MediaTypes.OciLayerGzip, layer));
        var type = docker ? MediaTypes.DockerManifest : MediaTypes.OciManifest;
        var manifest = await WriteAsync(
                type,
                new JsonObject
                {
                    ["schemaVersion"] = 2,
                    ["mediaType"] = type,
                    ["config"] = ToJson(config.MediaType, config),
                    ["layers"] = found.Layers,
                },
                lease,
                cancellationToken
            )
            .ConfigureAwait(false);
        var tree = await ImageTree
            .LoadAsync(ns.Content, manifest, ImageOrigin.Stored(commit.Name), cancellationToken)
            .ConfigureAwait(false);
        await ns
            .Content.UpdateLabelsAsync(
                manifest.Digest,
                ImageLabels.Children(tree.Documents[0].Document.Children(), new Dictionary<string, string>()),
                cancellationToken
            )
            .ConfigureAwait(false);
        return manifest;
    }

    private async Task<OciDescriptor> WriteAsync(string mediaType, JsonObject json, string lease, CancellationToken cancellationToken)
    {
        var bytes = OciJson.Write(json);
        var digest = await ns
            .Content.Writer.WriteAsync(
                $"commit-{Guid.NewGuid():N}",
                new MemoryStream(bytes),
                bytes.Length,
                OciDescriptor.DigestOf(bytes),
                lease,
                cancellationToken: cancellationToken
            )
            .ConfigureAwait(false);
        return new OciDescriptor
        {
            MediaType = mediaType,
            Digest = digest,
            Size = bytes.Length,
        };
    }

    private static JsonObject ToJson(string mediaType, OciDescriptor content) =>
        new()
        {
            ["mediaType"] = mediaType,
            ["digest"] = content.Digest,
            ["size"] = content.Size,
        };

    // It is found by its layers, because the name may refer to another image now; the name is only tried first.
    private async Task<BaseImage> FindBaseAsync(CtrContainer container, string parent, string lease, CancellationToken cancellationToken)
    {
        CtrException? incomplete = null;
        foreach (
            var (name, digest, mediaType) in (
                await ns.ImageRecords.TargetsAsync(cancellationToken).ConfigureAwait(false)
            ).OrderByDescending(i => i.Name == container.Image)
        )
        {
            if (!MediaTypes.IsIndex(mediaType) && !MediaTypes.IsManifest(mediaType))
                continue;
            try
            {
                await ns.Leases.AddAsync(lease, "content", digest, cancellationToken).ConfigureAwait(false);
                var info = await ns.Content.Records.FindAsync(digest, cancellationToken).ConfigureAwait(false);
                var target = new OciDescriptor
                {
                    MediaType = mediaType,
                    Digest = digest,
                    Size = info?.Size ?? 0,
                };
                var tree = await ImageTree
                    .LoadAsync(ns.Content, target, ImageOrigin.Stored(name), cancellationToken, (_, _) => { })
                    .ConfigureAwait(false);
                foreach (var manifest in tree.Manifests.Where(m => m.Document is not null && ImageTree.IsContainerImage(m)))
                {
                    if (
                        await ns.Content.Records.FindAsync(manifest.Document!.Config!.Digest, cancellationToken).ConfigureAwait(false)
                        is null
                    )
                        continue;
                    var diffIds = (await tree.ConfigAsync(manifest, cancellationToken).ConfigureAwait(false)).DiffIds();
                    if (ImageUnpacker.ChainId(diffIds) != parent)
                        continue;
                    await tree.RequireAsync(manifest, cancellationToken).ConfigureAwait(false);
                    return await ReadAsync(manifest, diffIds, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (CtrDataException e)
            {
                incomplete ??= e;
            }
        }

        if (parent.Length == 0 && container.Image.Length == 0)
        {
            var host = await ns.ImageRecords.DaemonPlatformAsync(cancellationToken).ConfigureAwait(false);
            return new BaseImage(null, new JsonObject { ["architecture"] = host.Architecture, ["os"] = host.OperatingSystem }, [], []);
        }

        throw incomplete
            ?? new CtrNotFoundException(
                $"The image that container '{container.ContainerId}' was created "
                    + $"from{(container.Image.Length > 0 ? $" ({container.Image})" : "")} no longer exists: no image has its layers."
            )
            {
                ErrorId = ErrorIds.BaseImageNotFound,
                Subject = container.ContainerId,
                Remedy = "Pull or import the same image again, or export only the changes from the container's snapshot.",
            };
    }

    private async Task<BaseImage> ReadAsync(ImageManifest manifest, string[] diffIds, CancellationToken cancellationToken)
    {
        var config = OciJson.ParseNode(await BytesAsync(manifest.Document!.Config!).ConfigureAwait(false))!.AsObject();
        var layers =
            OciJson.Property(OciJson.ParseNode(await BytesAsync(manifest.Descriptor).ConfigureAwait(false))!.AsObject(), "layers")
            as JsonArray;
        return new BaseImage(manifest, config, layers is null ? [] : [.. layers.Select(l => l?.DeepClone())], diffIds);

        async Task<byte[]> BytesAsync(OciDescriptor blob) =>
            await ns.Content.ReadAllAsync(blob.Digest, OciJson.MaxBytes, cancellationToken).ConfigureAwait(false)
            ?? throw RpcErrors.NotFound(Resource.Content, blob.Digest);
    }
}
