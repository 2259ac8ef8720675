using Containerd.Client.Daemon;
using Containerd.Client.Images;
using Containerd.Client.Records;
using Containerd.Client.Specs;
using Containerd.Client.Storage;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Containers;
using Containerd.Client.Workloads.Specs;
using Containerd.Client.Workloads.Streams;
using Containerd.Host;
using Containerd.Host.Errors;
using Containerd.Oci;
using WireContainers = Containerd.Client.Wire.Containers;

namespace Containerd.Client;

/// <summary>The containers of a namespace: their metadata, and the creation and removal of their resources (containers.v1).</summary>
public sealed class ContainerStore
{
    // The longest name of a signal has 9 characters (SIGVTALRM, SIGRTMIN+15 has 11); an image may contain any text.
    private const int LongestSignal = 32;

    private readonly ImageScope _ns;
    private readonly ContainerRecords _records;
    private readonly TaskLogs _logs;
    private readonly ContainerNames _names;
    private readonly SpecService _specs;
    private readonly TaskService _tasks;
    private readonly ExecService _execs;

    internal ContainerStore(ImageScope ns, TaskLogs logs, ContainerNames names, SpecService specs, TaskService tasks, ExecService execs)
    {
        _ns = ns;
        _records = ns.ContainerRecords;
        _logs = logs;
        _names = names;
        _specs = specs;
        _tasks = tasks;
        _execs = execs;
    }

    private WireContainers.Containers.ContainersClient Stub => _records.Stub;

    /// <summary>The containers of this namespace (Containers.ListStream).</summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The containers, by id.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrContainer>> ListAsync(CancellationToken cancellationToken = default) =>
        await _records.ListAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Reads a container (Containers.Get).</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The changed container.</returns>
    /// <exception cref="CtrNotFoundException">The container does not exist (ContainerNotFound).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrContainer> GetAsync(string id, CancellationToken cancellationToken = default) =>
        await _records.GetAsync(id, cancellationToken).ConfigureAwait(false);

    /// <summary>The relations of containers: image, snapshot chain, task, execs.</summary>
    /// <param name="containers">Containers of this namespace.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The namespace, and below it the containers in the order given.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrTree> TreeAsync(IReadOnlyList<CtrContainer> containers, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(containers);
        return await new ContainerTree(_ns, _execs).OfAsync(containers, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Creates a container (Containers.Create), and all its resources under a lease; a failure leaves nothing behind.</summary>
    /// <param name="creation">The options.</param>
    /// <param name="cancellationToken">Gives up, and leaves nothing.</param>
    /// <returns>The container, which is not running yet.</returns>
    /// <exception cref="CtrArgumentException">An id, spec or option that cannot be used.</exception>
    /// <exception cref="CtrNotFoundException">No such image, or no such user in it.</exception>
    /// <exception cref="CtrConflictException">The id is taken (ContainerExists).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrContainer> CreateAsync(ContainerCreateOptions creation, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(creation);
        return await BackgroundWork
            .Track(CreateCoreAsync(creation, cancellationToken), _ns.Connection, cancellationToken)
            .ConfigureAwait(false);
    }

    private static IReadOnlyList<string> KeysOf(ContainerCreateOptions creation) =>
        creation.Name is null ? [creation.Id] : [creation.Id, creation.Name];

    private async Task<CtrContainer> CreateCoreAsync(ContainerCreateOptions creation, CancellationToken cancellationToken)
    {
        ContainerdNames.Require(creation.Id, "container");
        if (creation.Name is not null)
            ContainerdNames.RequireName(creation.Name);
        InheritedLabels.RequireUsable(creation.Labels!);
        if (creation.Spec is not null)
            RequireProcess(creation.Id, creation.Spec);
        else
            _specs.RequireHost(creation.Options, null);
        var mapping = creation.Spec is null ? SpecIdMappings.Require(creation.Options) : IdMapping.Of(creation.Spec);
        await _ns.State.EndingRuns.WaitAsync(KeysOf(creation), cancellationToken).ConfigureAwait(false);
        await RequireFreeAsync(creation.Id, cancellationToken).ConfigureAwait(false);
        await _names.RequireNoNameAsync(creation.Id, cancellationToken).ConfigureAwait(false);
        if (creation.Name is not null)
            await _names.RequireFreeAsync(creation.Name, creation.Id, cancellationToken).ConfigureAwait(false);
        if (creation.Image is null)
            return await StoreAsync(creation, null, null, cancellationToken).ConfigureAwait(false);

        var snapshotter = creation.Snapshotter ?? await _ns.Snapshots.DefaultSnapshotterAsync(cancellationToken).ConfigureAwait(false);
        var remapped = mapping is null
            ? null
            : await RemappedSnapshot.PlanAsync(_ns, mapping, snapshotter, cancellationToken).ConfigureAwait(false);
        var image = await _ns
            .Images.EnsureAsync(
                creation.Image,
                creation.Platform,
                snapshotter,
                creation.Pull,
                creation.PullProgress,
                creation.Registry,
                creation.Pulled,
                cancellationToken
            )
            .ConfigureAwait(false);
        if (creation.Spec is null)
            _specs.RequireHost(creation.Options, image.Config);
        var lease = await _ns.Leases.CreateAsync(TimeSpan.FromHours(1), cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (lease.ConfigureAwait(false))
        {
            var top = await _ns.Images.UnpackAsync(image, snapshotter, lease.Id, cancellationToken).ConfigureAwait(false);
            if (remapped is not null)
                top = await remapped.ParentAsync(top, lease.Id, cancellationToken).ConfigureAwait(false);
            var key = await PrepareSnapshotAsync(snapshotter, creation.Id, top, remapped?.Labels, lease.Id, cancellationToken)
                .ConfigureAwait(false);
            try
            {
                var snapshot = new LeasedSnapshot(snapshotter, key, lease.Id);
                if (creation.Fill is not null)
                    await creation.Fill(image, snapshot, cancellationToken).ConfigureAwait(false);
                return await StoreAsync(creation, image, snapshot, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                await BackgroundWork
                    .TryCleanUpAsync(deadline => _ns.Snapshots.RemoveAsync(snapshotter, key, deadline))
                    .ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>Creates a container, runs its task until it exits with the caller's streams, and removes both.</summary>
    /// <param name="creation">The options.</param>
    /// <param name="io">The caller's streams.</param>
    /// <param name="timeout">The time limit after which it is killed; null for none.</param>
    /// <param name="keep">Whether the container is kept.</param>
    /// <param name="cancellationToken">Gives up: the process is killed, and nothing stays.</param>
    /// <returns>The outcome of the process.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<ProcessOutcome> RunAsync(
        ContainerCreateOptions creation,
        ProcessIo io,
        TimeSpan? timeout = null,
        bool keep = false,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(creation);
        ArgumentNullException.ThrowIfNull(io);
        return await RunAsync(creation, StreamUse.Of(io), timeout, keep, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Creates a container with a terminal, runs its task until it exits in this process's terminal, and removes both.</summary>
    /// <param name="creation">The options.</param>
    /// <param name="terminal">The terminal, which is restored when the process exits.</param>
    /// <param name="timeout">The time limit after which it is killed; null for none.</param>
    /// <param name="keep">Whether the container is kept.</param>
    /// <param name="cancellationToken">Gives up: the process is killed, and nothing stays.</param>
    /// <returns>The outcome of the process.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<ProcessOutcome> RunAsync(
        ContainerCreateOptions creation,
        LocalTerminal terminal,
        TimeSpan? timeout = null,
        bool keep = false,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(creation);
        ArgumentNullException.ThrowIfNull(terminal);
        return await RunAsync(creation, StreamUse.Of(terminal, _ns.Init(creation.Id)), timeout, keep, cancellationToken)
            .ConfigureAwait(false);
    }

    private Task<ProcessOutcome> RunAsync(
        ContainerCreateOptions creation,
        StreamUse use,
        TimeSpan? timeout,
        bool keep,
        CancellationToken cancellationToken
    )
    {
        var limit = new RunLimit(_ns, _ns.Init(creation.Id), timeout);
        return _ns.State.EndingRuns.AwaitAsync(
            limit.AwaitAsync,
            ct => BackgroundWork.Track(RunCoreAsync(creation, use, limit, keep, ct), _ns.Connection, ct),
            KeysOf(creation),
            cancellationToken
        );
    }

    private async Task<ProcessOutcome> RunCoreAsync(
        ContainerCreateOptions creation,
        StreamUse use,
        RunLimit limit,
        bool keep,
        CancellationToken cancellationToken
    )
    {
        _ns.Connection.RequireHost(
            "The streams of a container's process can be connected",
            ("CreateAndStart", "create the container, and start its task without a log.")
        );
        var container = await CreateAsync(creation, cancellationToken).ConfigureAwait(false);
        try
        {
            var outcome = await _tasks.Runner.RunNewAsync(container, use, limit, cancellationToken).ConfigureAwait(false);
            if (keep)
                await _records.RememberExitAsync(outcome.Exit, CancellationToken.None).ConfigureAwait(false);
            return outcome;
        }
        catch when (keep)
        {
            keep = false;
            throw;
        }
        finally
        {
            if (!keep)
                await DiscardAsync(container.ContainerId, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Changes a container's labels (Containers.Update).</summary>
    /// <param name="id">The container.</param>
    /// <param name="change">Labels to set; a null value removes the label.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The changed container.</returns>
    /// <exception cref="CtrArgumentException">ReservedLabel: a label of this client. LabelTooLong: more than 4,096 bytes.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrContainer> SetLabelsAsync(
        string id,
        IReadOnlyDictionary<string, string?> change,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(change);
        InheritedLabels.RequireUsable(change);
        var container = await _records.GetWireAsync(id, cancellationToken).ConfigureAwait(false);
        foreach (var (key, value) in change)
        {
            if (value is null)
                container.Labels.Remove(key);
            else
                container.Labels[key] = value;
        }

        return await _records.UpdateAsync(container, "labels", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Replaces a container's spec (Containers.Update); its next task starts with it.</summary>
    /// <param name="id">The container.</param>
    /// <param name="spec">The new spec.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The changed container.</returns>
    /// <exception cref="CtrArgumentException">The spec has no process to run (InvalidSpec): it is not merged with the old spec.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrContainer> SetSpecAsync(string id, CtrSpec spec, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var container = await _records.GetWireAsync(id, cancellationToken).ConfigureAwait(false);
        RequireProcess(id, spec);
        container.Spec = WireAny.Json(WireAny.Spec, spec.ToJson(indented: false));
        return await _records.UpdateAsync(container, "spec", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Removes a container with its read-write snapshot, its stopped task and its output (Containers.Delete, which alone would orphan a
    /// running task).
    /// </summary>
    /// <param name="id">The container.</param>
    /// <param name="force">Whether a running task is killed first.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that completes when it is removed.</returns>
    /// <exception cref="CtrConflictException">Its task runs, and <paramref name="force"/> was not given (TaskRunning).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task RemoveAsync(string id, bool force = false, CancellationToken cancellationToken = default)
    {
        // Also for a container whose removal was not answered: then this is the second attempt.
        await _logs.SweepAsync(cancellationToken).ConfigureAwait(false);
        var container = await _records.GetAsync(id, cancellationToken).ConfigureAwait(false);
        try
        {
            if (await _ns.TaskRecords.FindAsync(id, cancellationToken).ConfigureAwait(false) is not null)
                await _tasks.RemoveAsync(id, force, cancellationToken).ConfigureAwait(false);
            else
                await _tasks.Shim.EndAsync(id, cancellationToken).ConfigureAwait(false);
        }
        catch (CtrNotFoundException e) when (e.ErrorId == ErrorIds.TaskNotFound)
        {
            // It was already removed, for example by the clean-up after Ctrl+C.
        }

        // From here on, cancellation would leave an orphaned snapshot and output.
        cancellationToken.ThrowIfCancellationRequested();
        _logs.Condemn(container);
        await Stub.DeleteAsync(new() { Id = id }, cancellationToken: CancellationToken.None)
            .TranslateErrors(Resource.Container, id)
            .ConfigureAwait(false);
        if (container.SnapshotKey.Length > 0)
            await _ns.Snapshots.RemoveAsync(container.Snapshotter, container.SnapshotKey, CancellationToken.None).ConfigureAwait(false);
        _logs.Remove(container);
        if (container.Name is not null)
            await _names.ReleaseAsync(container.Name, id, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Removes a container in any state, with a separate deadline. A caller who cancelled does not have to wait for it.</summary>
    private async Task DiscardAsync(string id, CancellationToken caller)
    {
        await BackgroundWork.CleanUpAsync(DiscardAsync(), _ns.Connection, caller).ConfigureAwait(false);

        async Task DiscardAsync()
        {
            using var deadline = new CancellationTokenSource(BackgroundWork.CleanUpDeadline);
            try
            {
                await RemoveAsync(id, force: true, deadline.Token).ConfigureAwait(false);
            }
            catch (CtrNotFoundException)
            {
                // Another client was faster.
            }
        }
    }

    /// <summary>A full spec contains a command; a spec without one is a mistake, such as a partial change.</summary>
    private static void RequireProcess(string id, CtrSpec spec)
    {
        if (spec.Process is { Args.Length: > 0 } or { CommandLine.Length: > 0 })
            return;
        throw new CtrArgumentException("The spec is incomplete: it has no process to run (process.args).")
        {
            ErrorId = ErrorIds.InvalidSpec,
            Subject = id,
            RemedyId = "CompleteSpec",
            Remedy = "Use a complete spec: a new one, or the changed spec of a container.",
        };
    }

    private async Task<CtrContainer> StoreAsync(
        ContainerCreateOptions creation,
        ResolvedImage? image,
        LeasedSnapshot? snapshot,
        CancellationToken cancellationToken
    )
    {
        var standard = await _ns.Daemon.Runtimes.DefaultAsync(_ns.Namespace, cancellationToken).ConfigureAwait(false);
        var spec = creation.Spec is null
            ? await _specs.BuildAsync(WithDriver(creation, standard), image, snapshot, cancellationToken).ConfigureAwait(false)
            : WithRootfs(creation.Spec, creation.Rootfs ?? (snapshot is null ? null : "rootfs"));
        var container = new WireContainers.Container
        {
            Id = creation.Id,
            Image = image?.Name ?? "",
            Snapshotter = snapshot?.Snapshotter ?? "",
            SnapshotKey = snapshot?.Key ?? "",
            Spec = WireAny.Json(WireAny.Spec, spec.ToJson(indented: false)),
            Runtime = creation.StoredRuntime ?? RuntimeChoice.Resolve(creation.Runtime, creation.RuntimeOptions, spec, standard),
        };
        ContainerExtensions.Add(container.Extensions, creation.Extensions);
        if (image is not null)
            Add(container.Labels, InheritedLabels.From(image.Config.Labels, image.Name, creation.Warnings));
        Add(container.Labels, creation.Labels);
        Add(container.Labels, creation.OwnLabels);
        if ((creation.StopSignal?.ToString() ?? image?.Config.StopSignal) is { Length: > 0 and <= LongestSignal } signal)
            container.Labels[ContainerLabels.StopSignal] = signal;
        return _records.FromWire(
            creation.Name is null
                ? await PutAsync(container, null, snapshot?.Lease, cancellationToken).ConfigureAwait(false)
                : await PutNamedAsync(container, creation.Name, snapshot?.Lease, cancellationToken).ConfigureAwait(false)
        );
    }

    /// <summary>The creation with the cgroup driver that its runtime requires.</summary>
    private static ContainerCreateOptions WithDriver(ContainerCreateOptions creation, string defaultRuntime) =>
        creation with
        {
            Options = creation.Options with
            {
                CgroupDriver = RuntimeChoice.CgroupDriver(
                    creation.Runtime,
                    creation.RuntimeOptions,
                    creation.Options.CgroupDriver,
                    creation.Options.CgroupParent,
                    defaultRuntime
                ),
            },
        };

    /// <summary>Reserves the name at the last moment, so that a name without a container is an orphan after seconds.</summary>
    private async Task<WireContainers.Container> PutNamedAsync(
        WireContainers.Container container,
        string name,
        string? lease,
        CancellationToken cancellationToken
    )
    {
        container.Labels[ContainerLabels.Name] = name;
        await _names.ReserveAsync(name, container.Id, cancellationToken).ConfigureAwait(false);
        try
        {
            return await PutAsync(container, name, lease, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await BackgroundWork.TryCleanUpAsync(deadline => _names.ReleaseAsync(name, container.Id, deadline)).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Creates the container (Containers.Create), unless its id or name is in use.</summary>
    private async Task<WireContainers.Container> PutAsync(
        WireContainers.Container container,
        string? name,
        string? lease,
        CancellationToken cancellationToken
    )
    {
        var id = container.Id;
        var stub = new WireContainers.Containers.ContainersClient(_ns.Calls(lease));
        var reply = await BackgroundWork
            .CompleteOrUndoAsync(
                stop => stub.CreateAsync(new() { Container = container }, cancellationToken: stop).TranslateErrors(Resource.Container, id),
                UndoAsync,
                cancellationToken
            )
            .ConfigureAwait(false);
        try
        {
            await _names.RequireNoNameAsync(id, cancellationToken).ConfigureAwait(false);
            if (name is not null)
                await _names.ConfirmAsync(name, id, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await BackgroundWork.TryCleanUpAsync(UndoAsync).ConfigureAwait(false);
            throw;
        }

        return reply.Container;

        async Task UndoAsync(CancellationToken deadline)
        {
            await Stub.DeleteAsync(new() { Id = id }, cancellationToken: deadline)
                .TranslateErrors(Resource.Container, id)
                .ConfigureAwait(false);
            if (name is not null)
                await _names.ReleaseAsync(name, id, deadline).ConfigureAwait(false);
        }
    }

    private static void Add(Google.Protobuf.Collections.MapField<string, string> labels, IReadOnlyDictionary<string, string> more)
    {
        foreach (var (key, value) in more)
            labels[key] = value;
    }

    /// <summary>A full spec is used unchanged, except for the root file system if the caller specifies another one.</summary>
    private static CtrSpec WithRootfs(CtrSpec spec, string? rootfs)
    {
        if (rootfs is null)
            return spec;
        var copy = spec.Clone();
        copy.Root ??= new CtrSpecRoot();
        copy.Root.Path = rootfs;
        return copy;
    }

    private async Task RequireFreeAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            await _records.GetWireAsync(id, cancellationToken).ConfigureAwait(false);
        }
        catch (CtrNotFoundException)
        {
            return;
        }

        throw new CtrConflictException($"A container '{id}' already exists.")
        {
            ErrorId = ErrorIds.ContainerExists,
            Subject = id,
            Remedy = Remedies.Exists(Resource.Container),
        };
    }

    /// <summary>The key of the read-write snapshot is the container's id, unless another snapshot has it.</summary>
    private async Task<string> PrepareSnapshotAsync(
        string snapshotter,
        string id,
        string parent,
        IReadOnlyDictionary<string, string>? labels,
        string lease,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await _ns
                .Snapshots.PrepareAsync(snapshotter, id, parent, labels, lease: lease, cancellationToken: cancellationToken)
                .ConfigureAwait(false);
            return id;
        }
        catch (CtrConflictException)
        {
            var key = $"{id}-{Guid.NewGuid():N}";
            await _ns
                .Snapshots.PrepareAsync(snapshotter, key, parent, labels, lease: lease, cancellationToken: cancellationToken)
                .ConfigureAwait(false);
            return key;
        }
    }
}
