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
    /// The snapshotter to use when the caller names none: <c>$CONTAINERD_SNAPSHOTTER</c>, else the namespace's own default (namespaces.v1
    /// Get), else the system's.
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

    /// <summary>Makes a read-write snapshot (snapshots.v1 Prepare).</summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="key">The new snapshot's key.</param>
    /// <param name="parent">The committed snapshot below it; empty for none.</param>
    /// <param name="labels">Its labels; null for none.</param>
    /// <param name="lease">The lease that holds it; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>How to mount it.</returns>
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

    /// <summary>Makes a read-only view of a committed snapshot (snapshots.v1 View).</summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="key">The view's key.</param>
    /// <param name="parent">The committed snapshot to look at; empty for none.</param>
    /// <param name="labels">Its labels; null for none.</param>
    /// <param name="lease">The lease that holds it; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>How to mount it.</returns>
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

    /// <summary>How to mount a snapshot (snapshots.v1 Mounts).</summary>
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
            .TranslateErrors(Resource.Snapshot, key)
            .ConfigureAwait(false);
        return [.. answer.Mounts.Select(SnapshotMountConversion.FromWire)];
    }

    /// <summary>What containerd knows about a snapshot (snapshots.v1 Stat).</summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="key">The snapshot's key or name.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The snapshot; null when there is none of that name.</returns>
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

    /// <summary>Turns a read-write snapshot into a committed one (snapshots.v1 Commit).</summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="name">The committed snapshot's name.</param>
    /// <param name="key">The read-write snapshot's key.</param>
    /// <param name="lease">The lease that holds it; null for none.</param>
    /// <param name="labels">The committed snapshot's labels; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>
    /// Whether it was committed: false when another client committed one of that name first, and the read-write one still stands.
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

    /// <summary>Removes a snapshot (snapshots.v1 Remove); one that is gone is no error.</summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="key">The snapshot's key or name.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that ends when it is gone.</returns>
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
