using Containerd.Client.Storage;
using Containerd.Client.Transport;
using Containerd.Client.Transport.Addresses;
using Containerd.Client.Wire.Snapshots;
using Containerd.Host;
using Containerd.Host.Errors;
using Grpc.Core;

namespace Containerd.Client;

/// <summary>The snapshots of a namespace: the layers of images and the read-write layers of containers.</summary>
public sealed partial class SnapshotStore
{
    private const string DefaultSnapshotterLabel = "containerd.io/defaults/snapshotter";
    private readonly StorageScope _namespace;

    internal SnapshotStore(StorageScope ns) => _namespace = ns;

    private Snapshots.SnapshotsClient Stub(string? lease = null) => new(_namespace.Calls(lease));

    /// <summary>
    /// The default snapshotter: <c>$CONTAINERD_SNAPSHOTTER</c>, else the namespace's own default (namespaces.v1 Get), else the system's.
    /// </summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The snapshotter's name.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<string> DefaultSnapshotterAsync(CancellationToken cancellationToken = default) =>
        EnvironmentVariable.Get("CONTAINERD_SNAPSHOTTER")
        ?? await _namespace
            .Daemon.Namespaces.LabelAsync(_namespace.Namespace, DefaultSnapshotterLabel, cancellationToken)
            .ConfigureAwait(false)
        ?? (OperatingSystem.IsWindows() ? "windows" : "overlayfs");

    /// <summary>Creates a read-write snapshot (snapshots.v1 Prepare).</summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="key">The new snapshot's key.</param>
    /// <param name="parent">The committed snapshot below it; empty for none.</param>
    /// <param name="labels">Its labels; null for none.</param>
    /// <param name="lease">The lease that holds it; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>Its mounts.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<SnapshotMount>> PrepareAsync(
        string snapshotter,
        string key,
        string parent,
        IReadOnlyDictionary<string, string>? labels = null,
        string? lease = null,
        CancellationToken cancellationToken = default
    )
    {
        var request = new PrepareSnapshotRequest
        {
            Snapshotter = snapshotter,
            Key = key,
            Parent = parent,
        };
        foreach (var (name, value) in labels ?? new Dictionary<string, string>())
            request.Labels[name] = value;
        return await MadeAsync(Stub(lease).PrepareAsync(request, cancellationToken: cancellationToken), a => a.Mounts, key, parent)
            .ConfigureAwait(false);
    }

    /// <summary>Creates a read-only view of a committed snapshot (snapshots.v1 View).</summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="key">The view's key.</param>
    /// <param name="parent">The committed snapshot; empty for none.</param>
    /// <param name="labels">Its labels; null for none.</param>
    /// <param name="lease">The lease that holds it; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>Its mounts.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<SnapshotMount>> ViewAsync(
        string snapshotter,
        string key,
        string parent,
        IReadOnlyDictionary<string, string>? labels = null,
        string? lease = null,
        CancellationToken cancellationToken = default
    )
    {
        var request = new ViewSnapshotRequest
        {
            Snapshotter = snapshotter,
            Key = key,
            Parent = parent,
        };
        foreach (var (name, value) in labels ?? new Dictionary<string, string>())
            request.Labels[name] = value;
        return await MadeAsync(Stub(lease).ViewAsync(request, cancellationToken: cancellationToken), a => a.Mounts, key, parent)
            .ConfigureAwait(false);
    }

    /// <summary>Reads the mounts of a snapshot (snapshots.v1 Mounts).</summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="key">The snapshot's key.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The mounts, in order.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<SnapshotMount>> MountsAsync(
        string snapshotter,
        string key,
        CancellationToken cancellationToken = default
    )
    {
        var answer = await Stub()
            .MountsAsync(new MountsRequest { Snapshotter = snapshotter, Key = key }, cancellationToken: cancellationToken)
            .About(Resource.Snapshot, key)
            .ConfigureAwait(false);
        return [.. answer.Mounts.Select(SnapshotMountConversion.FromWire)];
    }

    /// <summary>Reads the metadata of a snapshot (snapshots.v1 Stat).</summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="key">The snapshot's key or name.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The snapshot; null if it does not exist.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrSnapshot?> StatAsync(string snapshotter, string key, CancellationToken cancellationToken = default)
    {
        try
        {
            return FromWire(
                snapshotter,
                (
                    await Stub()
                        .StatAsync(new StatSnapshotRequest { Snapshotter = snapshotter, Key = key }, cancellationToken: cancellationToken)
                ).Info
            );
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
        catch (RpcException e)
        {
            throw RpcErrors.Translate(e, Resource.Snapshot, key);
        }
    }

    /// <summary>Commits a read-write snapshot (snapshots.v1 Commit).</summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="name">The committed snapshot's name.</param>
    /// <param name="key">The read-write snapshot's key.</param>
    /// <param name="lease">The lease that holds it; null for none.</param>
    /// <param name="labels">The committed snapshot's labels; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>
    /// Whether it was committed: false if another client committed one with that name first, so that the read-write one still exists.
    /// </returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<bool> CommitAsync(
        string snapshotter,
        string name,
        string key,
        string? lease = null,
        IReadOnlyDictionary<string, string>? labels = null,
        CancellationToken cancellationToken = default
    )
    {
        var request = new CommitSnapshotRequest
        {
            Snapshotter = snapshotter,
            Name = name,
            Key = key,
        };
        foreach (var (label, value) in labels ?? new Dictionary<string, string>())
            request.Labels[label] = value;
        try
        {
            await Stub(lease).CommitAsync(request, cancellationToken: cancellationToken).ResponseAsync.ConfigureAwait(false);
            return true;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.AlreadyExists)
        {
            return false;
        }
        catch (RpcException e)
        {
            throw RpcErrors.Translate(e, Resource.Snapshot, key);
        }
    }

    /// <summary>Removes a snapshot (snapshots.v1 Remove); a snapshot that does not exist is not an error.</summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="key">The snapshot's key or name.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that completes when it is removed.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task RemoveAsync(string snapshotter, string key, CancellationToken cancellationToken = default)
    {
        try
        {
            await Stub()
                .RemoveAsync(new RemoveSnapshotRequest { Snapshotter = snapshotter, Key = key }, cancellationToken: cancellationToken);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound) { }
        catch (RpcException e)
        {
            throw RpcErrors.Translate(e, Resource.Snapshot, key);
        }
    }
}
