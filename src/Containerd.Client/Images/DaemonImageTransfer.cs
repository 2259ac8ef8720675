using Containerd.Client.Records;
using Containerd.Oci;
using Containerd.Oci.Images;

namespace Containerd.Client.Images;

/// <summary>Pulls and pushes images with the daemon's own transfer service.</summary>
internal sealed class DaemonImageTransfer(ImageScope ns)
{
    /// <summary>
    /// Pulls an image, and unpacks it: the daemon unpacks only what its configuration lists, without a message about the rest.
    /// </summary>
    internal async Task<CtrImage> PullAsync(
        string name,
        ImagePullOptions options,
        IProgress<ImageProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var host = await ns.ImageRecords.DaemonPlatformAsync(cancellationToken).ConfigureAwait(false);
        var chosen = options.Platforms.Select(p => ImagePlatform.Parse(p, host)).Distinct().ToList();
        DaemonTransfer.RequireStoredDigest(RegistryReference.Parse(name));
        if (options.Parallel != new ImagePullOptions().Parallel)
            throw DaemonTransfer.NotExpressible(name, "a number of parallel layers", "ParallelLayers");
        List<ImagePlatform> asked =
            options.AllPlatforms ? []
            : chosen.Count > 0 ? chosen
            : [host];
        var lease = await ns.Leases.CreateAsync(ImageStore.LeaseExpiry, cancellationToken: cancellationToken).ConfigureAwait(false);
        await using var leaseDisposal = lease.ConfigureAwait(false);
        await new DaemonTransfer(ns, RegistryReference.Parse(name), options.Registry, progress)
            .PullAsync(name, asked, options.Labels, cancellationToken)
            .ConfigureAwait(false);
        var origin = ImageOrigin.Registry(name);
        var image = await ns.ImageRecords.FindAsync(name, cancellationToken).ConfigureAwait(false);
        var tree = await ImageTree.LoadAsync(ns.Content, image.Target.ToDescriptor(), origin, cancellationToken).ConfigureAwait(false);
        var unpacker = new ImageUnpacker(ns, origin);
        var snapshotter = options.Snapshotter ?? await ns.Snapshots.DefaultSnapshotterAsync(cancellationToken).ConfigureAwait(false);
        var selected = tree.Select(name, host, chosen, options.AllPlatforms, optional: false).ToList();
        foreach (var manifest in selected)
            await tree.RequireAsync(manifest, cancellationToken).ConfigureAwait(false);
        var containers = options.Unpack ? selected.Where(ImageTree.IsContainerImage).ToList() : [];
        foreach (
            var manifest in await ns
                .UnpackablePlatforms.UnpackableAsync(name, containers, snapshotter, options.Warn, cancellationToken)
                .ConfigureAwait(false)
        )
        {
            await unpacker
                .UnpackAsync(
                    manifest,
                    (await tree.ConfigAsync(manifest, cancellationToken).ConfigureAwait(false)).DiffIds(),
                    snapshotter,
                    lease.Id,
                    progress,
                    cancellationToken
                )
                .ConfigureAwait(false);
        }

        return await ns.ImageNames.DescribeAsync(image, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Pushes an image.</summary>
    internal async Task<CtrImagePush> PushAsync(
        string name,
        OciDescriptor target,
        RegistryReference destination,
        ImagePushOptions options,
        IProgress<ImageProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        DaemonTransfer.RequireStoredDigest(destination);
        if (options.Platforms.Count > 0)
            throw DaemonTransfer.NotExpressible(name, "selected platforms of an image", "Platform");
        if (options.Parallel != new ImagePushOptions().Parallel)
            throw DaemonTransfer.NotExpressible(name, "a number of parallel layers", "ParallelLayers");
        var tree = await ImageTree.LoadAsync(ns.Content, target, ImageOrigin.Stored(name), cancellationToken).ConfigureAwait(false);
        foreach (var manifest in tree.Manifests)
            await tree.RequireAsync(manifest, cancellationToken).ConfigureAwait(false);
        await new DaemonTransfer(ns, destination, options.Registry, progress).PushAsync(name, cancellationToken).ConfigureAwait(false);
        return ns.Stamp(
            new CtrImagePush
            {
                Name = name,
                Destination = destination.ToString(),
                Digest = target.Digest,
                MediaType = target.MediaType,
                Platforms = [.. tree.Platforms()],
            }
        );
    }
}
