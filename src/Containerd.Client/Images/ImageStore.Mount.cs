using Containerd.Host.Errors;

namespace Containerd.Client;

/// <content>Mounts.</content>
public sealed partial class ImageStore
{
    /// <summary>
    /// Mounts the root file system of an image on a directory of this machine, visible to all processes until it is unmounted. If the image
    /// is not unpacked, it is unpacked first.
    /// </summary>
    /// <param name="name">Its name, in full or short.</param>
    /// <param name="path">The absolute path of an existing, empty directory.</param>
    /// <param name="writable">
    /// Whether it is writable: changes go to a snapshot that is removed with the mount, so that the image is not changed.
    /// </param>
    /// <param name="platform">
    /// The platform, such as <c>linux/arm64</c>; null for the best platform that the daemon's machine can run.
    /// </param>
    /// <param name="snapshotter">The snapshotter; null for the namespace's default.</param>
    /// <param name="cancellationToken">Gives up, and leaves nothing.</param>
    /// <returns>The mount.</returns>
    /// <exception cref="CtrNotFoundException">ImageNotFound, PlatformNotAvailable, DirectoryNotFound, SnapshotterNotFound.</exception>
    /// <exception cref="CtrConflictException">DirectoryNotEmpty, DirectoryMounted.</exception>
    /// <exception cref="CtrDataException">ImageIncomplete.</exception>
    /// <exception cref="CtrPermissionException">MountNotPermitted.</exception>
    /// <exception cref="CtrNotSupportedException">
    /// DaemonNotLocal; MountNotSupported: this is not Linux, or the type of the mount is not supported here.
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrSnapshotMount> MountAsync(
        string name,
        string path,
        bool writable = false,
        string? platform = null,
        string? snapshotter = null,
        CancellationToken cancellationToken = default
    )
    {
        await _namespace.Snapshots.RequireMountableAsync(name, path, cancellationToken).ConfigureAwait(false);
        snapshotter ??= await _namespace.Snapshots.DefaultSnapshotterAsync(cancellationToken).ConfigureAwait(false);
        var image = await ResolveAsync(name, platform, cancellationToken).ConfigureAwait(false);
        var lease = await _namespace.Leases.CreateAsync(LeaseExpiry, cancellationToken: cancellationToken).ConfigureAwait(false);
        await using var leaseDisposal = lease.ConfigureAwait(false);
        var top = await UnpackAsync(image, snapshotter, lease.Id, cancellationToken).ConfigureAwait(false);
        return await _namespace
            .Snapshots.MountCommittedAsync(snapshotter, top, path, writable, image.Name, lease.Id, cancellationToken)
            .ConfigureAwait(false);
    }
}
