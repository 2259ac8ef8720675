using Containerd.Client.Transport;
using Containerd.Client.Wire.Snapshots;
using Containerd.Host;
using Containerd.Host.Errors;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Containerd.Client.Storage;

/// <summary>The snapshots as the daemon's snapshotters know them: each method is one call, and nothing is checked or protected.</summary>
internal sealed class SnapshotRecords(StorageScope ns)
{
    private Snapshots.SnapshotsClient Stub(string? lease = null) => new(ns.Calls(lease));

    /// <summary>Creates a read-write snapshot (snapshots.v1 Prepare).</summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="key">The new snapshot's key.</param>
    /// <param name="parent">The committed snapshot below it; empty for none.</param>
    /// <param name="labels">Its labels; null for none.</param>
    /// <param name="lease">The lease that holds it; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>Its mounts.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    internal async Task<IReadOnlyList<SnapshotMount>> PrepareAsync(
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
    internal async Task<IReadOnlyList<SnapshotMount>> ViewAsync(
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

    /// <inheritdoc cref="SnapshotStore.MountsAsync"/>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    internal async Task<IReadOnlyList<SnapshotMount>> MountsAsync(string snapshotter, string key, CancellationToken cancellationToken)
    {
        var answer = await Stub()
            .MountsAsync(new MountsRequest { Snapshotter = snapshotter, Key = key }, cancellationToken: cancellationToken)
            .TranslateErrors(Resource.Snapshot, key)
            .ConfigureAwait(false);
        return [.. answer.Mounts.Select(SnapshotMountConversion.FromWire)];
    }

    /// <summary>Reads the metadata of a snapshot (snapshots.v1 Stat).</summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="key">The snapshot's key or name.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The snapshot; null if it does not exist.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    internal async Task<CtrSnapshot?> FindAsync(string snapshotter, string key, CancellationToken cancellationToken)
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

    /// <inheritdoc cref="SnapshotStore.GetAsync"/>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    internal async Task<CtrSnapshot> GetAsync(string snapshotter, string name, CancellationToken cancellationToken) =>
        await FindAsync(snapshotter, name, cancellationToken).ConfigureAwait(false) ?? throw RpcErrors.NotFound(Resource.Snapshot, name);

    /// <inheritdoc cref="SnapshotStore.ListAsync"/>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    internal async Task<IReadOnlyList<CtrSnapshot>> ListAsync(string snapshotter, StoreFilter filter, CancellationToken cancellationToken)
    {
        var request = new ListSnapshotsRequest { Snapshotter = snapshotter };
        request.Filters.AddRange(filter.ToWire());
        var snapshots = new List<CtrSnapshot>();
        try
        {
            using var call = Stub().List(request, cancellationToken: cancellationToken);
            while (await call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false))
                snapshots.AddRange(call.ResponseStream.Current.Info.Select(i => FromWire(snapshotter, i)));
        }
        catch (RpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw RpcErrors.Translate(e, Resource.Snapshot, null);
        }

        return [.. snapshots.Where(s => filter.Wants(s.Labels)).OrderBy(s => s.Name, StringComparer.Ordinal)];
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
    internal async Task<bool> CommitAsync(
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
    internal async Task RemoveAsync(string snapshotter, string key, CancellationToken cancellationToken)
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

    /// <inheritdoc cref="SnapshotStore.UpdateLabelsAsync"/>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    internal async Task<CtrSnapshot> UpdateLabelsAsync(
        string snapshotter,
        string name,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellationToken
    )
    {
        if (labels.Count == 0)
            return await GetAsync(snapshotter, name, cancellationToken).ConfigureAwait(false);
        var request = new UpdateSnapshotRequest
        {
            Snapshotter = snapshotter,
            Info = new Info { Name = name },
            UpdateMask = new FieldMask(),
        };
        foreach (var (key, value) in labels)
        {
            request.Info.Labels[key] = value;
            request.UpdateMask.Paths.Add("labels." + key);
        }

        return FromWire(
            snapshotter,
            (
                await Stub()
                    .UpdateAsync(request, cancellationToken: cancellationToken)
                    .TranslateErrors(Resource.Snapshot, name)
                    .ConfigureAwait(false)
            ).Info
        );
    }

    /// <summary>
    /// Leaves a snapshot to the garbage collector. Its removal can leave a link in its parent, after which containerd refuses to remove the
    /// parent explicitly; but the garbage collector ignores the link.
    /// </summary>
    internal async Task ReleaseAsync(string snapshotter, string name, CancellationToken cancellationToken) =>
        await UpdateLabelsAsync(snapshotter, name, new Dictionary<string, string> { [Retention.Root] = "" }, cancellationToken)
            .ConfigureAwait(false);

    /// <summary>Awaits the creation of a snapshot; errors about its parent name the parent.</summary>
    private static async Task<IReadOnlyList<SnapshotMount>> MadeAsync<T>(
        AsyncUnaryCall<T> call,
        Func<T, IEnumerable<Wire.Types.Mount>> mounts,
        string key,
        string parent
    )
    {
        try
        {
            return
            [
                .. mounts(await call.TranslateErrors(Resource.Snapshot, key).ConfigureAwait(false))
                    .Select(SnapshotMountConversion.FromWire),
            ];
        }
        catch (CtrNotFoundException e) when (parent.Length > 0 && e.ErrorId == ErrorIds.SnapshotNotFound)
        {
            throw RpcErrors.NotFound(Resource.Snapshot, parent, e.InnerException);
        }
        catch (CtrArgumentException e) when (parent.Length > 0 && e.Message.Contains("not committed", StringComparison.Ordinal))
        {
            throw new CtrArgumentException($"The snapshot '{parent}' is not committed, so it cannot be a parent.", e.InnerException)
            {
                ErrorId = ErrorIds.SnapshotNotCommitted,
                Subject = parent,
                Remedy = "Commit it first, or use its own parent.",
            };
        }
    }

    private CtrSnapshot FromWire(string snapshotter, Info info) =>
        ns.Stamp(
            new CtrSnapshot
            {
                Name = info.Name,
                Parent = info.Parent,
                Kind = info.Kind switch
                {
                    Kind.View => CtrSnapshotKind.View,
                    Kind.Active => CtrSnapshotKind.Active,
                    Kind.Committed => CtrSnapshotKind.Committed,
                    _ => CtrSnapshotKind.Unknown,
                },
                Snapshotter = snapshotter,
                CreatedAt = info.CreatedAt.Local() ?? default,
                UpdatedAt = info.UpdatedAt.Local() ?? default,
                Labels = new CtrMap(info.Labels),
            }
        );
}
