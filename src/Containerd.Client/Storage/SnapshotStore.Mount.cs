using Containerd.Client.Storage;
using Containerd.Client.Transport;
using Containerd.Host;
using Containerd.Host.Errors;
using Containerd.Host.Mounts;

namespace Containerd.Client;

public sealed partial class SnapshotStore
{
    /// <summary>
    /// Mounts a snapshot on a directory of this machine, visible to all processes until it is unmounted. A committed snapshot gets a
    /// temporary view; a snapshot that a running container writes to can only be mounted read-only.
    /// </summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="name">The snapshot.</param>
    /// <param name="path">The absolute path of an existing, empty directory.</param>
    /// <param name="readOnly">Whether the mount is read-only.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The mount.</returns>
    /// <exception cref="CtrNotFoundException">SnapshotNotFound, SnapshotterNotFound, DirectoryNotFound.</exception>
    /// <exception cref="CtrConflictException">DirectoryNotEmpty, DirectoryMounted, SnapshotMounted, SnapshotInUse.</exception>
    /// <exception cref="CtrPermissionException">MountNotPermitted.</exception>
    /// <exception cref="CtrNotSupportedException">
    /// DaemonNotLocal; MountNotSupported: this is not Linux, or the type of the mount is not supported here.
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrSnapshotMount> MountAsync(
        string snapshotter,
        string name,
        string path,
        bool readOnly,
        CancellationToken cancellationToken = default
    )
    {
        await RequireMountableAsync(name, path, cancellationToken).ConfigureAwait(false);
        var snapshot = await GetAsync(snapshotter, name, cancellationToken).ConfigureAwait(false);
        if (snapshot.Kind == CtrSnapshotKind.Committed)
            return await MountCommittedAsync(snapshotter, name, path, writable: false, image: "", lease: null, cancellationToken)
                .ConfigureAwait(false);
        readOnly |= snapshot.Kind == CtrSnapshotKind.View;
        if (!readOnly)
            await RequireUnwrittenAsync(snapshotter, name, cancellationToken).ConfigureAwait(false);
        return MountHere(
            await MountsAsync(snapshotter, name, cancellationToken).ConfigureAwait(false),
            Mount(snapshotter, name, path, readOnly),
            cancellationToken
        );
    }

    /// <summary>Mounts a committed snapshot through a temporary one: a view, or a writable one.</summary>
    internal async Task<CtrSnapshotMount> MountCommittedAsync(
        string snapshotter,
        string name,
        string path,
        bool writable,
        string image,
        string? lease,
        CancellationToken cancellationToken
    )
    {
        await RequireMountableAsync(image.Length > 0 ? image : name, path, cancellationToken).ConfigureAwait(false);
        var mount = Mount(snapshotter, name, path, readOnly: !writable);
        mount.Image = image;
        mount.View = $"mount-{Guid.NewGuid():N}";
        try
        {
            // It outlives this process and its leases.
            var labels = new Dictionary<string, string>
            {
                [Retention.Root] = Retention.Time(DateTime.UtcNow),
                ["containerd-powershell/mounted-on"] = path,
            };
            var mounts = await UnfinishedWork
                .AnswerAsync(
                    stop =>
                        writable
                            ? PrepareAsync(snapshotter, mount.View, name, labels, lease, stop)
                            : ViewAsync(snapshotter, mount.View, name, labels, lease, stop),
                    deadline => RemoveAsync(snapshotter, mount.View, deadline),
                    cancellationToken
                )
                .ConfigureAwait(false);
            return MountHere(mounts, mount, cancellationToken);
        }
        catch
        {
            await UnfinishedWork.TryAsync(deadline => RemoveAsync(snapshotter, mount.View, deadline)).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Verifies that a mount is possible before anything is unpacked for it.</summary>
    internal async Task RequireMountableAsync(string subject, string path, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(path);
        const string What = "Snapshots and images can be mounted";
        _namespace.Connection.RequireHost(What);
        if (!OperatingSystem.IsLinux())
        {
            throw new CtrNotSupportedException("Snapshots and images can be mounted only on the Linux host of their daemon.")
            {
                ErrorId = "MountNotSupported",
                Subject = subject,
                Remedy = "Open the session on that host, over the daemon's unix socket.",
            };
        }

        await DaemonHost.RequireAsync(_namespace.Connection, What, null, cancellationToken).ConfigureAwait(false);
        RequireEmptyDirectory(path);
    }

    private CtrSnapshotMount Mount(string snapshotter, string name, string path, bool readOnly) =>
        _namespace.Own(
            new CtrSnapshotMount
            {
                Path = path,
                Snapshot = name,
                Snapshotter = snapshotter,
                ReadOnly = readOnly,
                Address = _namespace.Connection.Address.ToString(),
                MountedAt = DateTime.Now,
            }
        );

    private static CtrSnapshotMount MountHere(
        IReadOnlyList<SnapshotMount> mounts,
        CtrSnapshotMount mount,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException();
        var count = HostMounter.Mount(mounts, mount.Path, mount.ReadOnly);
        try
        {
            SnapshotMounts.Add(mount, count);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            for (var i = 0; i < count; i++)
                HostMounter.Unmount(mount.Path, lazy: true);
            throw new CtrException($"What is mounted on '{mount.Path}' cannot be noted: {e.Message}", e)
            {
                ErrorId = "MountFailed",
                Subject = mount.Path,
            };
        }

        return mount;
    }

    private static void RequireEmptyDirectory(string path)
    {
        if (!Directory.Exists(path))
        {
            throw File.Exists(path)
                ? new CtrArgumentException($"'{path}' is not a directory.") { ErrorId = "NotADirectory", Subject = path }
                : new CtrNotFoundException($"There is no directory '{path}'.")
                {
                    ErrorId = "DirectoryNotFound",
                    Subject = path,
                    Remedy = "Make it first; it must be empty.",
                };
        }

        if (MountTable.Count(path) > 0)
            throw new CtrConflictException($"Something is mounted on '{path}' already.")
            {
                ErrorId = "DirectoryMounted",
                Subject = path,
                Remedy = "Choose another directory.",
            };
        if (Directory.EnumerateFileSystemEntries(path).Any())
            throw new CtrConflictException($"The directory '{path}' is not empty: the mount would hide its content.")
            {
                ErrorId = "DirectoryNotEmpty",
                Subject = path,
                Remedy = "Choose an empty directory.",
            };
    }

    /// <summary>Two writable mounts of the same files would damage them.</summary>
    private async Task RequireUnwrittenAsync(string snapshotter, string name, CancellationToken cancellationToken)
    {
        await RequireUnmountedAsync(snapshotter, name, cancellationToken).ConfigureAwait(false);
        foreach (
            var container in (await _namespace.ContainerRecords.ListAsync(cancellationToken).ConfigureAwait(false)).Where(c =>
                c.Snapshotter == snapshotter && c.SnapshotKey == name
            )
        )
        {
            if (
                await _namespace.TaskRecords.FindAsync(container.ContainerId, cancellationToken).ConfigureAwait(false) is
                { Status: not CtrStatus.Stopped }
            )
                throw InUse(
                    name,
                    [$"the container '{container.ContainerId}', which is running and writes to it"],
                    "MountReadOnly",
                    "Mount it read-only, or stop the container."
                );
        }
    }
}
