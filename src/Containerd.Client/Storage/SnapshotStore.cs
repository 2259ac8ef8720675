using Containerd.Client.Storage;
using Containerd.Client.Transport;
using Containerd.Client.Transport.Addresses;
using Containerd.Client.Wire.Snapshots;
using Containerd.Host;
using Containerd.Host.Errors;
using Containerd.Oci;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Containerd.Client;

/// <summary>The snapshots of a namespace: the layers of images and the read-write layers of containers.</summary>
public sealed class SnapshotStore
{
    private const string DefaultSnapshotterLabel = "containerd.io/defaults/snapshotter";
    private readonly StorageScope _namespace;

    private readonly SnapshotUsers _users;
    private readonly SnapshotMounting _mounting;
    private readonly SnapshotExport _export;

    internal SnapshotStore(StorageScope ns)
    {
        _namespace = ns;
        _users = new SnapshotUsers(ns);
        _mounting = new SnapshotMounting(ns);
        _export = new SnapshotExport(ns);
    }

    /// <summary>Mounts snapshots.</summary>
    internal SnapshotMounting Mounting => _mounting;

    /// <summary>Exports snapshots.</summary>
    internal SnapshotExport Export => _export;

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
                ErrorId = ErrorIds.SnapshotNotActive,
                Subject = key,
                Remedy = "Create an active snapshot on top of the committed one.",
            };
        }

        await _users.RequireUnmountedAsync(snapshotter, key, cancellationToken).ConfigureAwait(false);
        if (
            !force
            && (await _users.ContainersOfAsync(snapshotter, key, cancellationToken).ConfigureAwait(false)).ToList() is { Count: > 0 } users
        )
            throw SnapshotUsers.InUse(
                key,
                users,
                "CommitByForce",
                "Remove the container first, or force the commit, which leaves the container without a root file system. Exporting "
                    + "the snapshot returns the changes and keeps the container."
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
                await Stub()
                    .UpdateAsync(request, cancellationToken: cancellationToken)
                    .TranslateErrors(Resource.Snapshot, name)
                    .ConfigureAwait(false)
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
            throw SnapshotUsers.InUse(
                name,
                children.Select(c => $"the snapshot '{c.Name}', whose parent it is"),
                "RemoveChildren",
                "Remove these snapshots first. Several snapshots that are removed together are removed in the right order."
            );
        await _users.RequireUnmountedAsync(snapshotter, name, cancellationToken).ConfigureAwait(false);
        if (!force)
        {
            var graph = await StorageGraph.LoadAsync(_namespace, [snapshotter], cancellationToken).ConfigureAwait(false);
            var users = graph.UsersOf(StorageGraph.Node.Snapshot(snapshotter, name), _namespace.Lease);
            if (users.Count > 0)
                throw SnapshotUsers.InUse(
                    name,
                    users,
                    "RemoveByForce",
                    "Remove the objects that use it: the garbage collector then removes the snapshot. A forced removal takes "
                        + "effect immediately and breaks these objects."
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
                throw SnapshotUsers.InUse(
                    name,
                    ["an object that containerd does not name"],
                    null,
                    $"containerd reports: {e.InnerException?.Message}"
                );
        }
    }

    /// <summary>
    /// Leaves a snapshot to the garbage collector. Its removal can leave a link in its parent, after which containerd refuses to remove the
    /// parent explicitly; but the garbage collector ignores the link.
    /// </summary>
    internal async Task LetGoAsync(string snapshotter, string name, CancellationToken cancellationToken) =>
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
    ) => await _mounting.MountAsync(snapshotter, name, path, readOnly, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Packs the differences between a snapshot and another one as a layer in the content store, and protects it from the garbage
    /// collector: with the lease of the namespace view, or else with the label <c>containerd.io/gc.root</c> (diff.v1 Diff).
    /// </summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="name">The snapshot.</param>
    /// <param name="with">The snapshot to compare it with; null for its parent.</param>
    /// <param name="compression">The compression of the layer.</param>
    /// <param name="labels">Labels for the blob; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The blob.</returns>
    /// <exception cref="CtrNotFoundException">SnapshotNotFound, SnapshotterNotFound.</exception>
    /// <exception cref="CtrNotSupportedException">CompressionNotSupported: this containerd does not support the compression.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrContent> ExportAsync(
        string snapshotter,
        string name,
        string? with,
        CtrLayerCompression compression,
        IReadOnlyDictionary<string, string>? labels = null,
        CancellationToken cancellationToken = default
    ) => await _export.ExportAsync(snapshotter, name, with, compression, labels, cancellationToken).ConfigureAwait(false);

    /// <summary>Like <see cref="ExportAsync"/>, but to a file: the blob is removed again.</summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="name">The snapshot.</param>
    /// <param name="with">The snapshot to compare it with; null for its parent.</param>
    /// <param name="compression">The compression of the layer.</param>
    /// <param name="path">
    /// The file; a device, a named pipe or a file with several hard links is written in place, any other file is replaced.
    /// </param>
    /// <param name="progress">Receives progress: first the daemon packs, which has no measurable progress; null for none.</param>
    /// <param name="noClobber">Whether an existing file is an error.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that completes when the file is written.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task ExportToFileAsync(
        string snapshotter,
        string name,
        string? with,
        CtrLayerCompression compression,
        string path,
        IProgress<ImageProgress>? progress = null,
        bool noClobber = false,
        CancellationToken cancellationToken = default
    ) =>
        await _export
            .ExportToFileAsync(snapshotter, name, with, compression, path, progress, noClobber, cancellationToken)
            .ConfigureAwait(false);
}
