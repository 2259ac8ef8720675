using Containerd.Client.Transport;
using Containerd.Host;
using Containerd.Host.Mounts;

namespace Containerd.Client.Storage;

/// <summary>Mounts snapshots on directories of this machine.</summary>
internal sealed class SnapshotMounting(StorageScope ns)
{
    private readonly SnapshotUsers _users = new(ns);

    /// <inheritdoc cref="SnapshotStore.MountAsync"/>
    internal async Task<CtrSnapshotMount> MountAsync(
        string snapshotter,
        string name,
        string path,
        bool readOnly,
        CancellationToken cancellationToken
    )
    {
        await RequireMountableAsync(name, path, cancellationToken).ConfigureAwait(false);
        var snapshot = await ns.Snapshots.GetAsync(snapshotter, name, cancellationToken).ConfigureAwait(false);
        if (snapshot.Kind == CtrSnapshotKind.Committed)
            return await MountCommittedAsync(snapshotter, name, path, writable: false, image: "", lease: null, cancellationToken)
                .ConfigureAwait(false);
        readOnly |= snapshot.Kind == CtrSnapshotKind.View;
        if (!readOnly)
            await _users.RequireUnwrittenAsync(snapshotter, name, cancellationToken).ConfigureAwait(false);
        return MountHere(
            await ns.Snapshots.MountsAsync(snapshotter, name, cancellationToken).ConfigureAwait(false),
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
            var mounts = await BackgroundWork
                .CompleteOrUndoAsync(
                    stop =>
                        writable
                            ? ns.Snapshots.Records.PrepareAsync(snapshotter, mount.View, name, labels, lease, stop)
                            : ns.Snapshots.Records.ViewAsync(snapshotter, mount.View, name, labels, lease, stop),
                    deadline => ns.Snapshots.Records.RemoveAsync(snapshotter, mount.View, deadline),
                    cancellationToken
                )
                .ConfigureAwait(false);
            return MountHere(mounts, mount, cancellationToken);
        }
        catch
        {
            await BackgroundWork
                .TryCleanUpAsync(deadline => ns.Snapshots.Records.RemoveAsync(snapshotter, mount.View, deadline))
                .ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Verifies that a mount is possible before anything is unpacked for it.</summary>
    internal async Task RequireMountableAsync(string subject, string path, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(path);
        const string What = "Snapshots and images can be mounted";
        ns.Connection.RequireHost(What);
        if (!OperatingSystem.IsLinux())
        {
            throw new CtrNotSupportedException("Snapshots and images can be mounted only on the Linux host of their daemon.")
            {
                ErrorId = ErrorIds.MountNotSupported,
                Subject = subject,
                Remedy = "Open the session on that host, over the daemon's unix socket.",
            };
        }

        await DaemonHost.RequireAsync(ns.Connection, What, null, cancellationToken).ConfigureAwait(false);
        RequireEmptyDirectory(path);
    }

    private CtrSnapshotMount Mount(string snapshotter, string name, string path, bool readOnly) =>
        ns.Stamp(
            new CtrSnapshotMount
            {
                Path = path,
                Snapshot = name,
                Snapshotter = snapshotter,
                ReadOnly = readOnly,
                Address = ns.Connection.Address.ToString(),
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
                ErrorId = ErrorIds.MountFailed,
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
                ? new CtrArgumentException($"'{path}' is not a directory.") { ErrorId = ErrorIds.NotADirectory, Subject = path }
                : new CtrNotFoundException($"There is no directory '{path}'.")
                {
                    ErrorId = ErrorIds.DirectoryNotFound,
                    Subject = path,
                    Remedy = "Create it first; it must be empty.",
                };
        }

        if (MountTable.Count(path) > 0)
            throw new CtrConflictException($"A file system is already mounted on '{path}'.")
            {
                ErrorId = ErrorIds.DirectoryMounted,
                Subject = path,
                Remedy = "Choose another directory.",
            };
        if (Directory.EnumerateFileSystemEntries(path).Any())
            throw new CtrConflictException($"The directory '{path}' is not empty: the mount would hide its content.")
            {
                ErrorId = ErrorIds.DirectoryNotEmpty,
                Subject = path,
                Remedy = "Choose an empty directory.",
            };
    }
}
