using Containerd.Client.Storage;
using Containerd.Client.Transport;
using Containerd.Client.Transport.Addresses;
using Containerd.Client.Wire.Snapshots;
using Containerd.Host;
using Containerd.Host.Errors;
using Containerd.Host.Mounts;
using Containerd.Oci;
using Containerd.Oci.Images;
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
    /// Leaves a snapshot to the garbage collector. What it takes leaves a link in its parent, and then containerd refuses for ever to
    /// remove the parent by itself; but
    /// the garbage collector heeds no link.
    /// </summary>
    internal async Task LetGoAsync(string snapshotter, string name, CancellationToken cancellationToken) =>
        await UpdateLabelsAsync(snapshotter, name, new Dictionary<string, string> { [Retention.Root] = "" }, cancellationToken)
            .ConfigureAwait(false);

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
    /// Mounts a snapshot on a directory of this machine, where everybody sees it until it is dismounted. A committed one gets a view for
    /// the time; one that a
    /// running container writes can only be mounted read-only.
    /// </summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="name">The snapshot.</param>
    /// <param name="path">An existing, empty directory; absolute.</param>
    /// <param name="readOnly">Whether nothing can be written there.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The mount.</returns>
    /// <exception cref="CtrNotFoundException">SnapshotNotFound, SnapshotterNotFound, DirectoryNotFound.</exception>
    /// <exception cref="CtrConflictException">DirectoryNotEmpty, DirectoryMounted, SnapshotMounted, SnapshotInUse.</exception>
    /// <exception cref="CtrPermissionException">MountNotPermitted.</exception>
    /// <exception cref="CtrNotSupportedException">
    /// DaemonNotLocal; MountNotSupported: this is not Linux, or the mount is of a kind that cannot be made here.
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
    /// Packs what differs between a snapshot and another one into a layer in the content store, and sees to it that something keeps it: the
    /// lease that the
    /// namespace is used under, else the label <c>containerd.io/gc.root</c> (diff.v1 Diff).
    /// </summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="name">The snapshot.</param>
    /// <param name="with">The snapshot to compare it with; null for its parent.</param>
    /// <param name="compression">How the layer is compressed.</param>
    /// <param name="labels">Labels for the blob; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The blob.</returns>
    /// <exception cref="CtrNotFoundException">SnapshotNotFound, SnapshotterNotFound.</exception>
    /// <exception cref="CtrNotSupportedException">CompressionNotSupported: this containerd cannot compress so.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrContent> ExportAsync(
        string snapshotter,
        string name,
        string? with,
        CtrLayerCompression compression,
        IReadOnlyDictionary<string, string>? labels = null,
        CancellationToken cancellationToken = default
    ) => await _export.ExportAsync(snapshotter, name, with, compression, labels, cancellationToken).ConfigureAwait(false);

    /// <summary>As <see cref="ExportAsync"/>, but into a file: the blob goes again.</summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="name">The snapshot.</param>
    /// <param name="with">The snapshot to compare it with; null for its parent.</param>
    /// <param name="compression">How the layer is compressed.</param>
    /// <param name="path">
    /// The file; a device, a named pipe or a file with several hard links is written in place, any other file is replaced.
    /// </param>
    /// <param name="progress">Told what is done: first the daemon packs, which has no measure; null for nobody.</param>
    /// <param name="noClobber">Whether a file that exists already is an error.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that ends when the file is there.</returns>
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
