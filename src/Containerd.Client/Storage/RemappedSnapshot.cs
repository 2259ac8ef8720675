using System.Runtime.Versioning;
using Containerd.Client.Records;
using Containerd.Client.Specs;
using Containerd.Client.Transport;
using Containerd.Host;

namespace Containerd.Client.Storage;

/// <summary>
/// Maps the owners in the root file system of an image to the mapped ids of a container. A snapshotter with the capability <c>remap-ids</c>
/// does it with mounts; for any other one, a copy of the image's topmost snapshot is committed whose files have the mapped owners.
/// Containers with the same mapping share the copy, and the garbage collector removes it after the last one, because no other object refers
/// to it.
/// </summary>
internal sealed class RemappedSnapshot
{
    /// <summary>The label of a copy with the name of the original snapshot.</summary>
    internal const string SourceLabel = ContainerLabels.OwnPrefix + "remapped-from";

    private const string Capability = "remap-ids";
    private const string UserLabel = "containerd.io/snapshot/uidmapping";
    private const string GroupLabel = "containerd.io/snapshot/gidmapping";

    private readonly StorageScope _ns;
    private readonly IdMapping _mapping;
    private readonly string _snapshotter;
    private readonly bool _mounts;

    private RemappedSnapshot(StorageScope ns, IdMapping mapping, string snapshotter, bool mounts)
    {
        _ns = ns;
        _mapping = mapping;
        _snapshotter = snapshotter;
        _mounts = mounts;
    }

    /// <summary>The labels of a container's own snapshot with the mapping, for a snapshotter that maps ids; null for others.</summary>
    internal IReadOnlyDictionary<string, string>? Labels =>
        _mounts
            ? new Dictionary<string, string> { [UserLabel] = _mapping.Users[0].ToString(), [GroupLabel] = _mapping.Groups[0].ToString() }
            : null;

    /// <summary>Determines how a mapping is applied, and rejects it if that is not possible.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="mapping">The mapping.</param>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrNotSupportedException">
    /// <c>DaemonNotLocal</c>: the files must be changed locally, but the daemon is on another host.
    /// </exception>
    internal static async Task<RemappedSnapshot> PlanAsync(
        StorageScope ns,
        IdMapping mapping,
        string snapshotter,
        CancellationToken cancellationToken
    )
    {
        // Daemons before 2.1 read one range from a label.
        if (mapping.Users.Count == 1 && mapping.Groups.Count == 1)
        {
            var plugins = await ns
                .Daemon.Plugins.ListAsync([$"type==io.containerd.snapshotter.v1,id=={snapshotter}"], cancellationToken)
                .ConfigureAwait(false);
            if (plugins.Any(p => p.Capabilities.Contains(Capability, StringComparer.Ordinal)))
                return new RemappedSnapshot(ns, mapping, snapshotter, mounts: true);
        }

        var what = $"The snapshotter '{snapshotter}' does not map user ids itself, so the owners of the files can be changed";
        ns.Connection.RequireHost(what);
        if (OperatingSystem.IsLinux())
            await DaemonHost.RequireAsync(ns.Connection, what, null, cancellationToken).ConfigureAwait(false);
        return new RemappedSnapshot(ns, mapping, snapshotter, mounts: false);
    }

    /// <summary>Creates the snapshot on which that of a container is prepared.</summary>
    /// <param name="top">The image's topmost snapshot.</param>
    /// <param name="lease">The lease that holds it until the container refers to it.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The name of the snapshot.</returns>
    internal async Task<string> ParentAsync(string top, string lease, CancellationToken cancellationToken)
    {
        if (_mounts || top.Length == 0 || !OperatingSystem.IsLinux())
            return top;
        var name = $"{top}-idmap-{_mapping.Key()}";
        while (!await HoldAsync(name, lease, cancellationToken).ConfigureAwait(false))
            await CommitAsync(name, top, lease, cancellationToken).ConfigureAwait(false);
        return name;
    }

    /// <summary>Adds an existing copy to the lease: its creator may remove it at any time.</summary>
    private async Task<bool> HoldAsync(string name, string lease, CancellationToken cancellationToken)
    {
        if (await _ns.Snapshots.Records.FindAsync(_snapshotter, name, cancellationToken).ConfigureAwait(false) is null)
            return false;
        await _ns.Leases.AddAsync(lease, "snapshots/" + _snapshotter, name, cancellationToken).ConfigureAwait(false);
        return await _ns.Snapshots.Records.FindAsync(_snapshotter, name, cancellationToken).ConfigureAwait(false) is not null;
    }

    [SupportedOSPlatform("linux")]
    private async Task CommitAsync(string name, string top, string lease, CancellationToken cancellationToken)
    {
        var key = $"idmap-{Guid.NewGuid():N}";
        var committed = false;
        try
        {
            var mounts = await BackgroundWork
                .CompleteOrUndoAsync(
                    stop => _ns.Snapshots.Records.PrepareAsync(_snapshotter, key, top, lease: lease, cancellationToken: stop),
                    deadline => _ns.Snapshots.Records.RemoveAsync(_snapshotter, key, deadline),
                    cancellationToken
                )
                .ConfigureAwait(false);
            await Task.Run(() => Change(mounts, cancellationToken), cancellationToken).ConfigureAwait(false);
            // False if another client has committed the same snapshot in the meantime, which is then used.
            committed = await _ns
                .Snapshots.Records.CommitAsync(
                    _snapshotter,
                    name,
                    key,
                    lease,
                    new Dictionary<string, string> { [SourceLabel] = top },
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
        finally
        {
            if (!committed)
                await BackgroundWork
                    .TryCleanUpAsync(deadline => _ns.Snapshots.Records.RemoveAsync(_snapshotter, key, deadline))
                    .ConfigureAwait(false);
        }
    }

    [SupportedOSPlatform("linux")]
    private void Change(IReadOnlyList<SnapshotMount> mounts, CancellationToken cancellationToken)
    {
        try
        {
            var (root, mount) = RootfsReader.Open(mounts, writable: true);
            using (mount)
            using (root)
                new OwnerShift(root, _mapping, cancellationToken).Run();
        }
        catch (CtrException e) when (e.ErrorId == ErrorIds.RootfsNotReadable)
        {
            throw e is CtrPermissionException
                ? new CtrPermissionException(e.Message, e)
                {
                    ErrorId = ErrorIds.RootfsNotRemapped,
                    RemedyId = "AsRoot",
                    Remedy = "Run as root on the daemon's host.",
                }
                : new CtrNotSupportedException(e.Message, e)
                {
                    ErrorId = ErrorIds.RootfsNotRemapped,
                    Remedy = "Use the snapshotter overlayfs or native.",
                };
        }
    }
}
