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
    /// <summary>The snapshotters that work on this daemon (introspection.v1 Plugins).</summary>
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
    /// Fills in what a snapshot takes on disk (snapshots.v1 Usage): for one that is written the daemon looks at every file of it.
    /// </summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>Whether it is still there.</returns>
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
                .TranslateErrors(Resource.Snapshot, snapshot.Name)
                .ConfigureAwait(false);
            (snapshot.Size, snapshot.Inodes) = (usage.Size, usage.Inodes);
            return true;
        }
        catch (CtrNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Fills in how a snapshot is mounted (snapshots.v1 Mounts); a committed one is not.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that ends when that is done.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task TellMountsAsync(CtrSnapshot snapshot, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (snapshot.Kind != CtrSnapshotKind.Committed)
            snapshot.Mounts = ToModel(await MountsAsync(snapshot.Snapshotter, snapshot.Name, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>
    /// Makes a snapshot and sees to it that something keeps it: the lease that the namespace is used under, else the label
    /// <c>containerd.io/gc.root</c>
    /// (snapshots.v1 Prepare or View).
    /// </summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="name">Its name.</param>
    /// <param name="parent">The committed snapshot that it builds upon; empty for none.</param>
    /// <param name="view">Whether it can only be read.</param>
    /// <param name="labels">Its labels; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The snapshot, with its mounts.</returns>
    /// <exception cref="CtrConflictException">SnapshotExists.</exception>
    /// <exception cref="CtrNotFoundException">SnapshotNotFound: there is no such parent. SnapshotterNotFound.</exception>
    /// <exception cref="CtrArgumentException">SnapshotNotCommitted: nothing can build upon the parent.</exception>
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
        // A snapshotter that copies takes its time, and does not look up from it.
        return await BackgroundWork
            .Track(
                BackgroundWork.CompleteOrUndoAsync(
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
    /// Makes a committed snapshot of an active one, which is no more afterwards, and sees to it that something keeps it (snapshots.v1
    /// Commit).
    /// </summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="key">The active snapshot.</param>
    /// <param name="name">The committed one's name.</param>
    /// <param name="labels">Its labels; null for none.</param>
    /// <param name="force">Whether it is committed although a container has it.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The committed snapshot.</returns>
    /// <exception cref="CtrNotFoundException">SnapshotNotFound, SnapshotterNotFound.</exception>
    /// <exception cref="CtrArgumentException">SnapshotNotActive.</exception>
    /// <exception cref="CtrConflictException">SnapshotExists; SnapshotInUse: a container has it; SnapshotMounted.</exception>
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

    /// <summary>Changes labels of a snapshot (snapshots.v1 Update); its other labels stay.</summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="name">The snapshot.</param>
    /// <param name="labels">The labels to set; an empty value takes the label away.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The snapshot as it is now.</returns>
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
                await Stub()
                    .UpdateAsync(request, cancellationToken: cancellationToken)
                    .TranslateErrors(Resource.Snapshot, name)
                    .ConfigureAwait(false)
            ).Info
        );
    }

    /// <summary>Removes a snapshot, unless something needs it (snapshots.v1 Remove).</summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="name">The snapshot.</param>
    /// <param name="force">
    /// Whether it goes although a container, an image or a lease needs it. One that others build upon never does.
    /// </param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that ends when it is gone.</returns>
    /// <exception cref="CtrNotFoundException">SnapshotNotFound, SnapshotterNotFound.</exception>
    /// <exception cref="CtrConflictException">SnapshotInUse: others build upon it, or something needs it; SnapshotMounted.</exception>
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
    /// Leaves a snapshot to the garbage collector. What it takes leaves a link in its parent, and then containerd refuses for ever to
    /// remove the parent by itself; but
    /// the garbage collector heeds no link.
    /// </summary>
    internal async Task LetGoAsync(string snapshotter, string name, CancellationToken cancellationToken) =>
        await UpdateLabelsAsync(snapshotter, name, new Dictionary<string, string> { [Retention.Root] = "" }, cancellationToken)
            .ConfigureAwait(false);

    /// <summary>The running or stopped containers whose root file system a snapshot is, as a sentence has them.</summary>
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

    /// <summary>Awaits the making of a snapshot; what is wrong with its parent is said of the parent.</summary>
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
        _namespace.Stamp(
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
