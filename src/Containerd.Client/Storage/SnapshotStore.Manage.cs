using Containerd.Client.Storage;
using Containerd.Client.Transport;
using Containerd.Client.Wire.Snapshots;
using Containerd.Host;
using Containerd.Host.Errors;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Containerd.Client;

public sealed partial class SnapshotStore
{
    /// <summary>Lists the available snapshotters of the daemon (introspection.v1 Plugins).</summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>Their names, in order.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<string>> SnapshottersAsync(CancellationToken cancellationToken = default) =>
        [
            .. (await _namespace.Daemon.Plugins.ListAsync(["type==io.containerd.snapshotter.v1"], cancellationToken).ConfigureAwait(false))
                .Where(p => p.State == CtrPluginState.Loaded)
                .Select(p => p.Id),
        ];

    /// <summary>The snapshots of a snapshotter (snapshots.v1 List).</summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="filter">Which ones.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The snapshots, by name.</returns>
    /// <exception cref="CtrNotFoundException">SnapshotterNotFound.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrSnapshot>> ListAsync(
        string snapshotter,
        StoreFilter filter,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(filter);
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

    /// <summary>One snapshot (snapshots.v1 Stat).</summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The snapshot.</returns>
    /// <exception cref="CtrNotFoundException">SnapshotNotFound, SnapshotterNotFound.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrSnapshot> GetAsync(string snapshotter, string name, CancellationToken cancellationToken = default) =>
        await StatAsync(snapshotter, name, cancellationToken).ConfigureAwait(false) ?? throw RpcErrors.NotFound(Resource.Snapshot, name);

    /// <summary>
    /// Fills in the disk usage of a snapshot (snapshots.v1 Usage): for an active snapshot the daemon examines all its files.
    /// </summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>Whether it still exists.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<bool> TryMeasureAsync(CtrSnapshot snapshot, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        try
        {
            var usage = await Stub()
                .UsageAsync(
                    new UsageRequest { Snapshotter = snapshot.Snapshotter, Key = snapshot.Name },
                    cancellationToken: cancellationToken
                )
                .About(Resource.Snapshot, snapshot.Name)
                .ConfigureAwait(false);
            (snapshot.Size, snapshot.Inodes) = (usage.Size, usage.Inodes);
            return true;
        }
        catch (CtrNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Fills in the mounts of a snapshot (snapshots.v1 Mounts); a committed one has none.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that completes when that is done.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task TellMountsAsync(CtrSnapshot snapshot, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (snapshot.Kind != CtrSnapshotKind.Committed)
            snapshot.Mounts = ToModel(await MountsAsync(snapshot.Snapshotter, snapshot.Name, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>
    /// Creates a snapshot and protects it from the garbage collector: with the lease of the namespace view, or else with the label
    /// <c>containerd.io/gc.root</c> (snapshots.v1 Prepare or View).
    /// </summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="name">Its name.</param>
    /// <param name="parent">The committed snapshot that is its parent; empty for none.</param>
    /// <param name="view">Whether it is read-only.</param>
    /// <param name="labels">Its labels; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The snapshot, with its mounts.</returns>
    /// <exception cref="CtrConflictException">SnapshotExists.</exception>
    /// <exception cref="CtrNotFoundException">SnapshotNotFound: there is no such parent. SnapshotterNotFound.</exception>
    /// <exception cref="CtrArgumentException">SnapshotNotCommitted: the parent is not committed.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrSnapshot> NewAsync(
        string snapshotter,
        string name,
        string parent,
        bool view,
        IReadOnlyDictionary<string, string>? labels = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var kept = Retention.Labels(_namespace, labels);
        // A snapshotter that copies may take long, and cannot be cancelled.
        return await UnfinishedWork
            .Known(
                UnfinishedWork.AnswerAsync(
                    async stop =>
                    {
                        var mounts = view
                            ? await ViewAsync(snapshotter, name, parent, kept, cancellationToken: stop).ConfigureAwait(false)
                            : await PrepareAsync(snapshotter, name, parent, kept, cancellationToken: stop).ConfigureAwait(false);
                        var snapshot = await GetAsync(snapshotter, name, stop).ConfigureAwait(false);
                        snapshot.Mounts = ToModel(mounts);
                        return snapshot;
                    },
                    deadline => RemoveAsync(snapshotter, name, deadline),
                    cancellationToken
                ),
                _namespace.Connection,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Commits an active snapshot, which no longer exists afterwards, and protects the committed one from the garbage collector
    /// (snapshots.v1 Commit).
    /// </summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="key">The active snapshot.</param>
    /// <param name="name">The name of the committed snapshot.</param>
    /// <param name="labels">Its labels; null for none.</param>
    /// <param name="force">Whether it is committed even if a container uses it.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The committed snapshot.</returns>
    /// <exception cref="CtrNotFoundException">SnapshotNotFound, SnapshotterNotFound.</exception>
    /// <exception cref="CtrArgumentException">SnapshotNotActive.</exception>
    /// <exception cref="CtrConflictException">SnapshotExists; SnapshotInUse: a container uses it; SnapshotMounted.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrSnapshot> SaveAsync(
        string snapshotter,
        string key,
        string name,
        IReadOnlyDictionary<string, string>? labels = null,
        bool force = false,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var active = await GetAsync(snapshotter, key, cancellationToken).ConfigureAwait(false);
        if (active.Kind != CtrSnapshotKind.Active)
        {
            throw new CtrArgumentException(
                $"The snapshot '{key}' is {active.Kind.ToString().ToLowerInvariant()}: only an active one can be committed."
            )
            {
                ErrorId = "SnapshotNotActive",
                Subject = key,
                Remedy = "Create an active snapshot on top of the committed one.",
            };
        }

        await RequireUnmountedAsync(snapshotter, key, cancellationToken).ConfigureAwait(false);
        if (!force && (await ContainersOfAsync(snapshotter, key, cancellationToken).ConfigureAwait(false)).ToList() is { Count: > 0 } users)
            throw InUse(
                key,
                users,
                "CommitByForce",
                "Remove the container first, or force the commit, which leaves the container without a root file system. Exporting the snapshot returns the changes and keeps the container."
            );
        if (
            !await CommitAsync(snapshotter, name, key, labels: Retention.Labels(_namespace, labels), cancellationToken: cancellationToken)
                .ConfigureAwait(false)
        )
            throw RpcErrors.Exists(Resource.Snapshot, name);
        return await GetAsync(snapshotter, name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Changes labels of a snapshot (snapshots.v1 Update); other labels are not changed.</summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="name">The snapshot.</param>
    /// <param name="labels">The labels to set; an empty value removes the label.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The changed snapshot.</returns>
    /// <exception cref="CtrNotFoundException">SnapshotNotFound, SnapshotterNotFound.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrSnapshot> UpdateLabelsAsync(
        string snapshotter,
        string name,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(labels);
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
                await Stub().UpdateAsync(request, cancellationToken: cancellationToken).About(Resource.Snapshot, name).ConfigureAwait(false)
            ).Info
        );
    }

    /// <summary>Removes a snapshot, unless it is needed (snapshots.v1 Remove).</summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="name">The snapshot.</param>
    /// <param name="force">
    /// Whether it is removed even if a container, an image or a lease needs it. A parent of other snapshots is never removed.
    /// </param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that completes when it is removed.</returns>
    /// <exception cref="CtrNotFoundException">SnapshotNotFound, SnapshotterNotFound.</exception>
    /// <exception cref="CtrConflictException">SnapshotInUse: it is a parent or is needed; SnapshotMounted.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task RemoveUnusedAsync(string snapshotter, string name, bool force = false, CancellationToken cancellationToken = default)
    {
        await GetAsync(snapshotter, name, cancellationToken).ConfigureAwait(false);
        var children = await ListAsync(snapshotter, StoreFilter.All.With("parent", name), cancellationToken).ConfigureAwait(false);
        if (children.Count > 0)
            throw InUse(
                name,
                children.Select(c => $"the snapshot '{c.Name}', whose parent it is"),
                "RemoveChildren",
                "Remove these snapshots first. Several snapshots that are removed together are removed in the right order."
            );
        await RequireUnmountedAsync(snapshotter, name, cancellationToken).ConfigureAwait(false);
        if (!force)
        {
            var graph = await StorageGraph.LoadAsync(_namespace, [snapshotter], cancellationToken).ConfigureAwait(false);
            var users = graph.UsersOf(StorageGraph.Node.Snapshot(snapshotter, name), _namespace.Lease);
            if (users.Count > 0)
                throw InUse(
                    name,
                    users,
                    "RemoveByForce",
                    "Remove the objects that use it: the garbage collector then removes the snapshot. A forced removal takes effect immediately and breaks these objects."
                );
        }

        try
        {
            await RemoveAsync(snapshotter, name, cancellationToken).ConfigureAwait(false);
        }
        catch (CtrConflictException e)
        {
            await LetGoAsync(snapshotter, name, cancellationToken).ConfigureAwait(false);
            await _namespace.Leases.CollectAsync(cancellationToken).ConfigureAwait(false);
            if (await StatAsync(snapshotter, name, cancellationToken).ConfigureAwait(false) is not null)
                throw InUse(name, ["an object that containerd does not name"], null, $"containerd reports: {e.InnerException?.Message}");
        }
    }

    /// <summary>
    /// Leaves a snapshot to the garbage collector. Its removal can leave a link in its parent, after which containerd refuses to remove the
    /// parent explicitly; but the garbage collector ignores the link.
    /// </summary>
    internal async Task LetGoAsync(string snapshotter, string name, CancellationToken cancellationToken) =>
        await UpdateLabelsAsync(snapshotter, name, new Dictionary<string, string> { [Retention.Root] = "" }, cancellationToken)
            .ConfigureAwait(false);

    /// <summary>The running or stopped containers that use a snapshot as their root file system, for a sentence.</summary>
    internal async Task<IEnumerable<string>> ContainersOfAsync(string snapshotter, string name, CancellationToken cancellationToken) =>
        (await _namespace.ContainerRecords.ListAsync(cancellationToken).ConfigureAwait(false))
            .Where(c => c.Snapshotter == snapshotter && c.SnapshotKey == name)
            .Select(c => $"the container '{c.ContainerId}'");

    internal static CtrConflictException InUse(string name, IEnumerable<string> users, string? remedyId, string remedy) =>
        new($"The snapshot '{name}' is needed by {string.Join(", ", users)}.")
        {
            ErrorId = "SnapshotInUse",
            Subject = name,
            RemedyId = remedyId,
            Remedy = remedy,
        };

    private async Task RequireUnmountedAsync(string snapshotter, string name, CancellationToken cancellationToken)
    {
        var mounted = await Task.Run(
                () =>
                    SnapshotMounts
                        .Believed()
                        .Where(m =>
                            m.Address == _namespace.Connection.Address.ToString()
                            && m.Namespace == _namespace.Namespace
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
                ErrorId = "SnapshotMounted",
                Subject = name,
                Remedy = "Remove the mount first.",
            };
        }
    }

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
            return [.. mounts(await call.About(Resource.Snapshot, key).ConfigureAwait(false)).Select(SnapshotMountConversion.FromWire)];
        }
        catch (CtrNotFoundException e) when (parent.Length > 0 && e.ErrorId == "SnapshotNotFound")
        {
            throw RpcErrors.NotFound(Resource.Snapshot, parent, e.InnerException);
        }
        catch (CtrArgumentException e) when (parent.Length > 0 && e.Message.Contains("not committed", StringComparison.Ordinal))
        {
            throw new CtrArgumentException($"The snapshot '{parent}' is not committed, so it cannot be a parent.", e.InnerException)
            {
                ErrorId = "SnapshotNotCommitted",
                Subject = parent,
                Remedy = "Commit it first, or use its own parent.",
            };
        }
    }

    private static CtrSpecMount[] ToModel(IEnumerable<SnapshotMount> mounts) =>
        [
            .. mounts.Select(m => new CtrSpecMount
            {
                Destination = m.Target.Length > 0 ? m.Target : "/",
                Type = m.Type,
                Source = m.Source,
                Options = [.. m.Options],
            }),
        ];

    private CtrSnapshot FromWire(string snapshotter, Info info) =>
        _namespace.Own(
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
