using Containerd.Client.Storage;
using Containerd.Client.Transport;
using Containerd.Client.Transport.Addresses;
using Containerd.Client.Wire.Snapshots;
using Containerd.Host;
using Containerd.Host.Errors;
using Containerd.Oci;

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
        Records = new SnapshotRecords(ns);
        _users = new SnapshotUsers(ns);
        _mounting = new SnapshotMounting(ns);
        _export = new SnapshotExport(ns);
    }

    /// <summary>The snapshots as their snapshotters know them.</summary>
    internal SnapshotRecords Records { get; }

    /// <summary>Mounts snapshots.</summary>
    internal SnapshotMounting Mounting => _mounting;

    /// <summary>Exports snapshots.</summary>
    internal SnapshotExport Export => _export;

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
        return await Records.ListAsync(snapshotter, filter, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>One snapshot (snapshots.v1 Stat).</summary>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The snapshot.</returns>
    /// <exception cref="CtrNotFoundException">SnapshotNotFound, SnapshotterNotFound.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrSnapshot> GetAsync(string snapshotter, string name, CancellationToken cancellationToken = default) =>
        await Records.GetAsync(snapshotter, name, cancellationToken).ConfigureAwait(false);

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
    ) => await Records.MountsAsync(snapshotter, key, cancellationToken).ConfigureAwait(false);

    /// <summary>Fills in the mounts of a snapshot (snapshots.v1 Mounts); a committed one has none.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that completes when that is done.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task FillMountsAsync(CtrSnapshot snapshot, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (snapshot.Kind != CtrSnapshotKind.Committed)
            snapshot.Mounts = ToModel(await MountsAsync(snapshot.Snapshotter, snapshot.Name, cancellationToken).ConfigureAwait(false));
    }

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
            var usage = await new Snapshots.SnapshotsClient(_namespace.Calls(null))
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
    public async Task<CtrSnapshot> CreateAsync(
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
                            ? await Records.ViewAsync(snapshotter, name, parent, kept, cancellationToken: stop).ConfigureAwait(false)
                            : await Records.PrepareAsync(snapshotter, name, parent, kept, cancellationToken: stop).ConfigureAwait(false);
                        var snapshot = await GetAsync(snapshotter, name, stop).ConfigureAwait(false);
                        snapshot.Mounts = ToModel(mounts);
                        return snapshot;
                    },
                    deadline => Records.RemoveAsync(snapshotter, name, deadline),
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
    public async Task<CtrSnapshot> CommitAsync(
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
            !await Records
                .CommitAsync(snapshotter, name, key, labels: Retention.Labels(_namespace, labels), cancellationToken: cancellationToken)
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
        return await Records.UpdateLabelsAsync(snapshotter, name, labels, cancellationToken).ConfigureAwait(false);
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
    public async Task RemoveAsync(string snapshotter, string name, bool force = false, CancellationToken cancellationToken = default)
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
            await Records.RemoveAsync(snapshotter, name, cancellationToken).ConfigureAwait(false);
        }
        catch (CtrConflictException e)
        {
            await Records.ReleaseAsync(snapshotter, name, cancellationToken).ConfigureAwait(false);
            await _namespace.Leases.CollectAsync(cancellationToken).ConfigureAwait(false);
            if (await Records.FindAsync(snapshotter, name, cancellationToken).ConfigureAwait(false) is not null)
                throw SnapshotUsers.InUse(
                    name,
                    ["an object that containerd does not name"],
                    null,
                    $"containerd reports: {e.InnerException?.Message}"
                );
        }
    }

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
}
