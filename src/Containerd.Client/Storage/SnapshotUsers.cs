namespace Containerd.Client.Storage;

/// <summary>Finds the containers and mounts that use a snapshot.</summary>
internal sealed class SnapshotUsers(StorageScope ns)
{
    /// <summary>The running or stopped containers that use a snapshot as their root file system, for a sentence.</summary>
    internal async Task<IEnumerable<string>> ContainersOfAsync(string snapshotter, string name, CancellationToken cancellationToken) =>
        (await ns.ContainerRecords.ListAsync(cancellationToken).ConfigureAwait(false))
            .Where(c => c.Snapshotter == snapshotter && c.SnapshotKey == name)
            .Select(c => $"the container '{c.ContainerId}'");

    /// <summary>The error for a snapshot that something else needs.</summary>
    internal static CtrConflictException InUse(string name, IEnumerable<string> users, string? remedyId, string remedy) =>
        new($"The snapshot '{name}' is needed by {string.Join(", ", users)}.")
        {
            ErrorId = ErrorIds.SnapshotInUse,
            Subject = name,
            RemedyId = remedyId,
            Remedy = remedy,
        };

    /// <summary>Requires that a snapshot is not mounted on this machine.</summary>
    internal async Task RequireUnmountedAsync(string snapshotter, string name, CancellationToken cancellationToken)
    {
        var mounted = await Task.Run(
                () =>
                    SnapshotMounts
                        .Believed()
                        .Where(m =>
                            m.Address == ns.Connection.Address.ToString()
                            && m.Namespace == ns.Namespace
                            && m.Snapshotter == snapshotter
                            && (m.Snapshot == name || m.View == name)
                        )
                        .ToList(),
                cancellationToken
            )
            .ConfigureAwait(false);
        if (mounted.Count > 0)
        {
            throw new CtrConflictException($"The snapshot '{name}' is mounted on {string.Join(", ", mounted.Select(m => m.Path))}.")
            {
                ErrorId = ErrorIds.SnapshotMounted,
                Subject = name,
                Remedy = "Remove the mount first.",
            };
        }
    }

    /// <summary>Two writable mounts of the same files would damage them.</summary>
    internal async Task RequireUnwrittenAsync(string snapshotter, string name, CancellationToken cancellationToken)
    {
        await RequireUnmountedAsync(snapshotter, name, cancellationToken).ConfigureAwait(false);
        foreach (
            var container in (await ns.ContainerRecords.ListAsync(cancellationToken).ConfigureAwait(false)).Where(c =>
                c.Snapshotter == snapshotter && c.SnapshotKey == name
            )
        )
        {
            if (
                await ns.TaskRecords.FindAsync(container.ContainerId, cancellationToken).ConfigureAwait(false) is
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
