using Containerd.Host.Errors;

namespace Containerd.Client;

/// <content>Mounts.</content>
public sealed partial class ImageStore
{
    /// <summary>
    /// Mounts an image's root file system on a directory of this machine, where everybody sees it until it is dismounted; it is unpacked
    /// first where it is not.
    /// </summary>
    /// <param name="name">Its name, in full or short.</param>
    /// <param name="path">An existing, empty directory; absolute.</param>
    /// <param name="writable">
    /// Whether it can be written: into a snapshot that goes with the mount, so that the image stays as it is.
    /// </param>
    /// <param name="platform">The platform, such as <c>linux/arm64</c>; null for the best that the daemon's machine runs.</param>
    /// <param name="snapshotter">The snapshotter; null for the namespace's default.</param>
    /// <param name="cancellationToken">Gives up, and leaves nothing.</param>
    /// <returns>The mount.</returns>
    /// <exception cref="CtrNotFoundException">ImageNotFound, PlatformNotAvailable, DirectoryNotFound, SnapshotterNotFound.</exception>
    /// <exception cref="CtrConflictException">DirectoryNotEmpty, DirectoryMounted.</exception>
    /// <exception cref="CtrDataException">ImageIncomplete.</exception>
    /// <exception cref="CtrPermissionException">MountNotPermitted.</exception>
    /// <exception cref="CtrNotSupportedException">
    /// DaemonNotLocal; MountNotSupported: this is not Linux, or the mount is of a kind that cannot be made here.
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
