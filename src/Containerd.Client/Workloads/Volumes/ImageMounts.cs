using Containerd.Client.Images;
using Containerd.Client.Records;
using Containerd.Client.Storage;
using Containerd.Client.Transport;
using Containerd.Host;
using Containerd.Host.Mounts;

namespace Containerd.Client.Workloads.Volumes;

/// <summary>Where the views of images are created, and the lease that holds them until a container refers to them.</summary>
internal sealed record ViewPlace(string Snapshotter, string Lease);

/// <summary>
/// Images that containers mount, read-only. The container gets a view of the image's snapshot, and its spec the mount that the snapshotter
/// returns for the view: the runtime mounts it, whichever program starts the task.
/// </summary>
internal sealed class ImageMounts(ImageScope ns)
{
    /// <summary>The label of a view: the container that it belongs to.</summary>
    private const string Owner = "containerd-powershell/mounted-in";

    /// <summary>Checks the requested images, before anything is created.</summary>
    /// <exception cref="CtrNotFoundException">ImageNotFound, PlatformNotAvailable.</exception>
    /// <exception cref="CtrNotSupportedException">MountNotSupported, DaemonNotLocal.</exception>
    internal async Task CheckAsync(IEnumerable<CtrMount> mounts, string? platform, bool mapsIds, CancellationToken cancellationToken)
    {
        foreach (var mount in mounts.Where(mount => mount.Type == "image"))
        {
            if (mapsIds)
                throw ImageMountErrors.MappedIds(mount);
            await ns.Images.ResolveAsync(mount.Source, platform, cancellationToken).ConfigureAwait(false);
            if (mount.SubPath.Length > 0)
                await RequireHostAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Creates the view of an image.</summary>
    /// <param name="creation">The container.</param>
    /// <param name="mount">The requested mount.</param>
    /// <param name="place">Where the view is created.</param>
    /// <param name="parent">The layers that the image must have; null for any.</param>
    /// <param name="prepared">Receives the mount.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The mount for the spec.</returns>
    internal async Task<CtrMount> AddAsync(
        ContainerCreateOptions creation,
        CtrMount mount,
        ViewPlace place,
        string? parent,
        PreparedMounts prepared,
        CancellationToken cancellationToken
    )
    {
        var (snapshotter, lease) = place;
        var image = await ns.Images.ResolveAsync(mount.Source, creation.Platform, cancellationToken).ConfigureAwait(false);
        var top = await ns.Images.UnpackAsync(image, snapshotter, lease, cancellationToken).ConfigureAwait(false);
        if (parent is not null && top != parent)
            throw ImageMountErrors.Changed(image.Name, mount.Target);
        var mounted = new MountedImage(
            mount.Target,
            image.Name,
            mount.SubPath,
            mount.Options,
            top,
            snapshotter,
            $"{creation.Id}-image-mount-{Guid.NewGuid():N}"
        );
        if (!ImageMountLabels.Fits(mounted))
            throw ImageMountErrors.TooLong(mount);
        var views = await BackgroundWork
            .CompleteOrUndoAsync(
                stop =>
                    ns.Snapshots.Records.ViewAsync(
                        snapshotter,
                        mounted.View,
                        top,
                        new Dictionary<string, string> { [Owner] = creation.Id },
                        lease,
                        stop
                    ),
                deadline => ns.Snapshots.Records.RemoveAsync(snapshotter, mounted.View, deadline),
                cancellationToken
            )
            .ConfigureAwait(false);
        prepared.Created(mounted, deadline => ns.Snapshots.Records.RemoveAsync(snapshotter, mounted.View, deadline));
        return await ToSpecAsync(mount, image.Name, snapshotter, views, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Verifies that the overlay of a restored container has the folders of the saved one: CRIU mounts an overlay itself, with the saved
    /// options, and not what the spec says. After the layers were unpacked again, other layers can have these folders.
    /// </summary>
    /// <exception cref="CtrArgumentException">CheckpointMismatch.</exception>
    internal static void RequireSameLayers(MountedImage image, CtrMount mount, CtrSpec? saved)
    {
        const string Overlay = "overlay";
        if (saved?.Mounts?.FirstOrDefault(m => m.Destination == image.Target) is not { } before)
            return;
        if (
            (before.Type == Overlay || mount.Type == Overlay)
            && (before.Type != mount.Type || Layers(before.Options) != Layers(mount.Options))
        )
            throw ImageMountErrors.Moved(image.Image, image.Target);

        static string Layers(IEnumerable<string>? options) =>
            string.Join('\n', (options ?? []).Where(option => option.StartsWith("lowerdir", StringComparison.Ordinal)));
    }

    /// <summary>The views that a container keeps. What only claims to be one is not among them.</summary>
    internal static async Task<IReadOnlyList<CtrSnapshot>> ViewsAsync(
        StorageScope ns,
        CtrContainer container,
        CancellationToken cancellationToken
    )
    {
        var views = new List<CtrSnapshot>();
        foreach (var image in ImageMountLabels.Read(container.Labels))
            if (
                await FindAsync(image).ConfigureAwait(false) is { Kind: CtrSnapshotKind.View } view
                && view.Labels.TryGetValue(Owner, out var owner)
                && owner == container.ContainerId
            )
                views.Add(view);
        return views;

        async Task<CtrSnapshot?> FindAsync(MountedImage image)
        {
            try
            {
                return await ns.Snapshots.Records.FindAsync(image.Snapshotter, image.View, cancellationToken).ConfigureAwait(false);
            }
            catch (CtrException e) when (e is CtrNotFoundException or CtrArgumentException)
            {
                // No such snapshotter, or no name of a snapshot: any client can write the label, and the container has to be removable.
                return null;
            }
        }
    }

    private async Task<CtrMount> ToSpecAsync(
        CtrMount mount,
        string image,
        string snapshotter,
        IReadOnlyList<SnapshotMount> views,
        CancellationToken cancellationToken
    )
    {
        // Others need containerd's mount manager, or a device that exists only after a call to containerd.
        if (views is not [{ Type: "bind" or "overlay", Target: "" } view])
            throw ImageMountErrors.NotOneMount(image, snapshotter, views);
        var (type, source, options) = (view.Type, view.Source, view.Options);
        if (mount.SubPath.Length > 0)
        {
            await RequireHostAsync(cancellationToken).ConfigureAwait(false);
            (type, source, options) = await Task.Run(() => Within(mount, image, view), cancellationToken).ConfigureAwait(false);
        }

        // The kernel reads one page of options.
        if (type == "overlay" && !OverlayOptions.Parse(options.Where(option => option != "ro")).Fits)
            throw ImageMountErrors.TooManyLayers(image);
        return new CtrMount
        {
            Type = type,
            Source = source,
            Target = mount.Target,
            Options = [.. options.Where(option => option is not ("ro" or "rw")), .. mount.Options.Where(option => option != "ro")],
            ReadOnly = true,
        };
    }

    /// <summary>The mount of a path in an image.</summary>
    private static (string Type, string Source, IReadOnlyList<string> Options) Within(CtrMount mount, string image, SnapshotMount view)
    {
        if (!OperatingSystem.IsLinux())
            throw VolumeErrors.OnlyOnLinux();
        var overlay = OverlayOptions.Parse(view.Type == "overlay" ? view.Options : []);
        try
        {
            var found = LayerPath.Find(view.Type == "overlay" ? overlay.Lower : [view.Source], mount.SubPath)
                ?? throw ImageMountErrors.NoSubPath(image, mount.SubPath);
            return found.Count == 1 ? ("bind", found[0], ["rbind"]) : ("overlay", view.Source, overlay.WithLower(found).ToOptions());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ImageMountErrors.SubPathNotReadable(image, mount.SubPath, e);
        }
    }

    private async Task RequireHostAsync(CancellationToken cancellationToken)
    {
        const string What = "A path in an image can be mounted";
        (string, string) whole = ("WholeImage", "mount the whole image.");
        ns.Connection.RequireHost(What, whole);
        if (!OperatingSystem.IsLinux())
            throw VolumeErrors.OnlyOnLinux();
        await DaemonHost.RequireAsync(ns.Connection, What, whole, cancellationToken).ConfigureAwait(false);
    }
}
