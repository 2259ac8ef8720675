using Grpc.Core;
using WireContainers = Containerd.Client.Wire.Containers;

namespace Containerd.Client;

/// <summary>The containers of a namespace: their metadata, and the making and removing of what belongs to them (containers.v1).</summary>
public sealed class ContainerStore
{
    // The longest name of a signal has 9 characters (SIGVTALRM, SIGRTMIN+15 has 11); an image may hold any text.
    private const int LongestSignal = 32;

    private readonly NamespaceClient _ns;
    private readonly EndingRuns _ending = new();

    internal ContainerStore(NamespaceClient ns) => _ns = ns;

    private WireContainers.Containers.ContainersClient Stub => new(_ns.Calls());

    /// <summary>The containers of this namespace (Containers.ListStream).</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The containers, by id.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrContainer>> ListAsync(CancellationToken cancellation = default)
    {
        var containers = new List<CtrContainer>();
        try
        {
            // List is one message of at most 16 MiB: many containers do not fit.
            using var call = Stub.ListStream(new WireContainers.ListContainersRequest(), cancellationToken: cancellation);
            await foreach (var message in call.ResponseStream.ReadAllAsync(cancellation).ConfigureAwait(false))
                containers.Add(FromWire(message.Container));
        }
        catch (RpcException e)
        {
            throw RpcErrors.Translate(e, Resource.Container, null);
        }

        return [.. containers.OrderBy(c => c.ContainerId, StringComparer.Ordinal)];
    }

    /// <summary>One container (Containers.Get).</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The container as it is now.</returns>
    /// <exception cref="CtrNotFoundException">There is none of that id (ContainerNotFound).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrContainer> GetAsync(string id, CancellationToken cancellation = default) =>
        FromWire(await GetWireAsync(id, cancellation).ConfigureAwait(false));

    /// <summary>What containers hang together with: image, snapshot chain, task, execs.</summary>
    /// <param name="containers">Containers of this namespace.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The namespace, and below it the containers in the order given.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrTree> TreeAsync(IReadOnlyList<CtrContainer> containers, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(containers);
        return await new ContainerTree(_ns).OfAsync(containers, cancellation).ConfigureAwait(false);
    }

    /// <summary>Makes a container (Containers.Create), and under a lease everything that it needs; a failure leaves nothing of it.</summary>
    /// <param name="creation">What it is made from.</param>
    /// <param name="cancellation">Gives up, and leaves nothing.</param>
    /// <returns>The container; nothing runs in it yet.</returns>
    /// <exception cref="CtrArgumentException">An id, spec or option that cannot be used.</exception>
    /// <exception cref="CtrNotFoundException">No such image, or no such user in it.</exception>
    /// <exception cref="CtrConflictException">The id is taken (ContainerExists).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrContainer> CreateAsync(ContainerCreation creation, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(creation);
        return await UnfinishedWork.Known(CreateCoreAsync(creation, cancellation), _ns.Client, cancellation).ConfigureAwait(false);
    }

    private static IReadOnlyList<string> KeysOf(ContainerCreation creation) => creation.Name is null ? [creation.Id] : [creation.Id, creation.Name];

    private async Task<CtrContainer> CreateCoreAsync(ContainerCreation creation, CancellationToken cancellation)
    {
        ContainerdNames.Require(creation.Id, "container");
        if (creation.Name is not null)
            ContainerdNames.RequireName(creation.Name);
        InheritedLabels.RequireUsable(creation.Labels!);
        if (creation.Spec is not null)
            RequireProcess(creation.Id, creation.Spec);
        else
            _ns.Specs.RequireHost(creation.Options, null);
        var mapping = creation.Spec is null ? SpecIdMappings.Require(creation.Options) : IdMapping.Of(creation.Spec);
        await _ending.WaitAsync(KeysOf(creation), cancellation).ConfigureAwait(false);
        await RequireFreeAsync(creation.Id, cancellation).ConfigureAwait(false);
        await _ns.Names.RequireNoNameAsync(creation.Id, cancellation).ConfigureAwait(false);
        if (creation.Name is not null)
            await _ns.Names.RequireFreeAsync(creation.Name, creation.Id, cancellation).ConfigureAwait(false);
        if (creation.Image is null)
            return await StoreAsync(creation, null, null, cancellation).ConfigureAwait(false);

        var snapshotter = creation.Snapshotter ?? await _ns.Snapshots.DefaultSnapshotterAsync(cancellation).ConfigureAwait(false);
        var remapped = mapping is null ? null : await RemappedSnapshot.PlanAsync(_ns, mapping, snapshotter, cancellation).ConfigureAwait(false);
        var image = await _ns.Images.EnsureAsync(creation.Image, creation.Platform, snapshotter, creation.Pull, creation.PullProgress, creation.Registry, creation.Pulled, cancellation).ConfigureAwait(false);
        if (creation.Spec is null)
            _ns.Specs.RequireHost(creation.Options, image.Config);
        var lease = await _ns.Leases.CreateAsync(TimeSpan.FromHours(1), cancellationToken: cancellation).ConfigureAwait(false);
        await using (lease.ConfigureAwait(false))
        {
            var top = await _ns.Images.UnpackAsync(image, snapshotter, lease.Id, cancellation).ConfigureAwait(false);
            if (remapped is not null)
                top = await remapped.ParentAsync(top, lease.Id, cancellation).ConfigureAwait(false);
            var key = await PrepareSnapshotAsync(snapshotter, creation.Id, top, remapped?.Labels, lease.Id, cancellation).ConfigureAwait(false);
            try
            {
                var place = new SnapshotPlace(snapshotter, key, lease.Id);
                if (creation.Fill is not null)
                    await creation.Fill(image, place, cancellation).ConfigureAwait(false);
                return await StoreAsync(creation, image, place, cancellation).ConfigureAwait(false);
            }
            catch
            {
                await UnfinishedWork.TryAsync(deadline => _ns.Snapshots.RemoveAsync(snapshotter, key, deadline)).ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>Makes a container, runs its task to its end with the caller's streams, and removes both.</summary>
    /// <param name="creation">What it is made from.</param>
    /// <param name="io">The caller's streams.</param>
    /// <param name="timeout">How long it may run before it is killed; null for ever.</param>
    /// <param name="keep">Whether the container stays.</param>
    /// <param name="cancellation">Gives up: the process is killed, and nothing stays.</param>
    /// <returns>How the process ended.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<ProcessOutcome> RunAsync(ContainerCreation creation, ProcessIo io, TimeSpan? timeout = null, bool keep = false, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(creation);
        ArgumentNullException.ThrowIfNull(io);
        return await RunAsync(creation, (container, limit, ct) => _ns.Tasks.RunAsync(container, io, limit, ct), timeout, keep, cancellation).ConfigureAwait(false);
    }

    /// <summary>Makes a container with a terminal, runs its task to its end in this process's terminal, and removes both.</summary>
    /// <param name="creation">What it is made from.</param>
    /// <param name="terminal">The terminal, which is given back when the process ends.</param>
    /// <param name="timeout">How long it may run before it is killed; null for ever.</param>
    /// <param name="keep">Whether the container stays.</param>
    /// <param name="cancellation">Gives up: the process is killed, and nothing stays.</param>
    /// <returns>How the process ended.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<ProcessOutcome> RunAsync(ContainerCreation creation, LocalTerminal terminal, TimeSpan? timeout = null, bool keep = false, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(creation);
        ArgumentNullException.ThrowIfNull(terminal);
        return await RunAsync(creation, (container, limit, ct) => _ns.Tasks.RunAsync(container, terminal, limit, ct), timeout, keep, cancellation).ConfigureAwait(false);
    }

    private Task<ProcessOutcome> RunAsync(
        ContainerCreation creation, Func<CtrContainer, RunLimit, CancellationToken, Task<ProcessOutcome>> run, TimeSpan? timeout, bool keep, CancellationToken cancellationToken)
    {
        var limit = new RunLimit(_ns, creation.Id, null, timeout);
        return _ending.AwaitAsync(
            limit, ct => UnfinishedWork.Known(RunCoreAsync(creation, container => run(container, limit, ct), keep, ct), _ns.Client, ct), KeysOf(creation), cancellationToken);
    }

    private async Task<ProcessOutcome> RunCoreAsync(ContainerCreation creation, Func<CtrContainer, Task<ProcessOutcome>> run, bool keep, CancellationToken cancellation)
    {
        _ns.Client.RequireHost("The streams of a container's process can be connected", "make the container with New-CtrContainer, and start it with Start-CtrTask -NoLog.");
        var container = await CreateAsync(creation, cancellation).ConfigureAwait(false);
        try
        {
            var outcome = await run(container).ConfigureAwait(false);
            if (keep)
                await RememberExitAsync(outcome.Exit, CancellationToken.None).ConfigureAwait(false);
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
                await DiscardAsync(container.ContainerId, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Changes a container's labels (Containers.Update).</summary>
    /// <param name="id">The container.</param>
    /// <param name="change">Labels to set; a null value takes the label away.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The container as it is now.</returns>
    /// <exception cref="CtrArgumentException">ReservedLabel: a label of this client's own. LabelTooLong: more than 4,096 bytes.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrContainer> SetLabelsAsync(string id, IReadOnlyDictionary<string, string?> change, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        InheritedLabels.RequireUsable(change);
        var container = await GetWireAsync(id, cancellation).ConfigureAwait(false);
        foreach (var (key, value) in change)
        {
            if (value is null)
                container.Labels.Remove(key);
            else
                container.Labels[key] = value;
        }

        return await UpdateAsync(container, "labels", cancellation).ConfigureAwait(false);
    }

    /// <summary>Replaces a container's spec (Containers.Update); its next task starts with it.</summary>
    /// <param name="id">The container.</param>
    /// <param name="spec">The new spec.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The container as it is now.</returns>
    /// <exception cref="CtrArgumentException">The spec has no process to run (InvalidSpec): it is not merged with the old one.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrContainer> SetSpecAsync(string id, CtrSpec spec, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var container = await GetWireAsync(id, cancellation).ConfigureAwait(false);
        RequireProcess(id, spec);
        container.Spec = WireAny.Json(WireAny.Spec, spec.ToJson(indented: false));
        return await UpdateAsync(container, "spec", cancellation).ConfigureAwait(false);
    }

    /// <summary>Merges limits into the stored spec (Containers.Update), as bytes: what another client wrote there otherwise stays as it is.</summary>
    /// <returns>What was stored before; null when there is no spec to keep in step.</returns>
    internal async Task<Google.Protobuf.WellKnownTypes.Any?> MergeResourcesAsync(string id, CtrSpecResources change, CancellationToken cancellation)
    {
        var container = await GetWireAsync(id, cancellation).ConfigureAwait(false);
        if (container.Spec is not { Value.IsEmpty: false } old || ResourceMerge.Merge(old.Text(), change) is not string merged)
            return null;
        container.Spec = WireAny.Json(old.TypeUrl, merged);
        await UnfinishedWork.AnswerAsync(stop => UpdateAsync(container, "spec", stop), deadline => PutSpecAsync(id, old, deadline), cancellation).ConfigureAwait(false);
        return old;
    }

    /// <summary>
    /// Removes a container with its read-write snapshot, its stopped task and its output (Containers.Delete, which by itself would orphan a running
    /// task).
    /// </summary>
    /// <param name="id">The container.</param>
    /// <param name="force">Whether a running task is killed first.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>A task that ends when it is gone.</returns>
    /// <exception cref="CtrConflictException">Its task runs, and <paramref name="force"/> was not given (TaskRunning).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task RemoveAsync(string id, bool force = false, CancellationToken cancellation = default)
    {
        // Also of a container that was removed without an answer: then this is the second attempt.
        await _ns.Logs.SweepAsync(cancellation).ConfigureAwait(false);
        var container = await GetAsync(id, cancellation).ConfigureAwait(false);
        try
        {
            if (await _ns.Tasks.FindAsync(id, cancellation).ConfigureAwait(false) is not null)
                await _ns.Tasks.RemoveAsync(id, force, cancellation).ConfigureAwait(false);
            else
                await _ns.Tasks.EndShimAsync(id, cancellation).ConfigureAwait(false);
        }
        catch (CtrNotFoundException e) when (e.ErrorId == "TaskNotFound")
        {
            // Somebody else was faster, such as the clean-up after Ctrl+C.
        }

        // From here on a caller who gives up would leave a snapshot and output that are nobody's.
        cancellation.ThrowIfCancellationRequested();
        _ns.Logs.Condemn(container);
        await Stub.DeleteAsync(new() { Id = id }, cancellationToken: CancellationToken.None).About(Resource.Container, id).ConfigureAwait(false);
        if (container.SnapshotKey.Length > 0)
            await _ns.Snapshots.RemoveAsync(container.Snapshotter, container.SnapshotKey, CancellationToken.None).ConfigureAwait(false);
        _ns.Logs.Remove(container);
        if (container.Name is not null)
            await _ns.Names.ReleaseAsync(container.Name, id, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Removes a container whatever state it is in, under a deadline of its own. A caller who gave up need not wait for it.</summary>
    private async Task DiscardAsync(string id, CancellationToken caller)
    {
        await UnfinishedWork.CleanUpAsync(DiscardAsync(), _ns.Client, caller).ConfigureAwait(false);

        async Task DiscardAsync()
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(45));
            try
            {
                await RemoveAsync(id, force: true, deadline.Token).ConfigureAwait(false);
            }
            catch (CtrNotFoundException)
            {
                // Somebody else was faster.
            }
        }
    }

    /// <summary>Keeps how a task ended, after containerd has forgotten it.</summary>
    internal async Task RememberExitAsync(CtrExit exit, CancellationToken cancellation)
    {
        var container = new WireContainers.Container { Id = exit.ContainerId };
        container.Labels[ContainerLabels.LastExit] = ExitLabel.Write(exit);
        try
        {
            await UpdateAsync(container, "labels." + ContainerLabels.LastExit, cancellation).ConfigureAwait(false);
        }
        catch (CtrNotFoundException)
        {
            // A task may outlive its container's metadata; nobody will ask then.
        }
    }

    /// <summary>A full spec says what runs; one that does not is a mistake, such as a change that was meant to be merged.</summary>
    private static void RequireProcess(string id, CtrSpec spec)
    {
        if (spec.Process is { Args.Length: > 0 } or { CommandLine.Length: > 0 })
            return;
        throw new CtrArgumentException("The spec is not a full one: it has no process to run (process.args).")
        {
            ErrorId = "InvalidSpec",
            Subject = id,
            Remedy = "Build one with New-CtrSpec, or give a container's own with what is to change: (Get-CtrContainer ID).Spec.",
        };
    }

    private async Task<CtrContainer> StoreAsync(ContainerCreation creation, ResolvedImage? image, SnapshotPlace? place, CancellationToken cancellation)
    {
        var spec = creation.Spec is null
            ? await _ns.Specs.BuildAsync(creation, image, place, cancellation).ConfigureAwait(false)
            : WithRootfs(creation.Spec, creation.Rootfs ?? (place is null ? null : "rootfs"));
        var container = new WireContainers.Container
        {
            Id = creation.Id,
            Image = image?.Name ?? "",
            Snapshotter = place?.Snapshotter ?? "",
            SnapshotKey = place?.Key ?? "",
            Spec = WireAny.Json(WireAny.Spec, spec.ToJson(indented: false)),
            Runtime = creation.StoredRuntime ?? RuntimeChoice.Resolve(creation.Runtime, creation.RuntimeOptions, spec, await _ns.Client.Runtimes.DefaultAsync(_ns.Namespace, cancellation).ConfigureAwait(false)),
        };
        ContainerExtensions.Add(container.Extensions, creation.Extensions);
        if (image is not null)
            Add(container.Labels, InheritedLabels.From(image.Config.Labels, image.Name, creation.Warnings));
        Add(container.Labels, creation.Labels);
        Add(container.Labels, creation.OwnLabels);
        if ((creation.StopSignal?.ToString() ?? image?.Config.StopSignal) is { Length: > 0 and <= LongestSignal } signal)
            container.Labels[ContainerLabels.StopSignal] = signal;
        return FromWire(creation.Name is null
            ? await PutAsync(container, null, place?.Lease, cancellation).ConfigureAwait(false)
            : await PutNamedAsync(container, creation.Name, place?.Lease, cancellation).ConfigureAwait(false));
    }

    /// <summary>Reserves the name at the last moment, so that a name without a container is an orphan after seconds.</summary>
    private async Task<WireContainers.Container> PutNamedAsync(WireContainers.Container container, string name, string? lease, CancellationToken cancellationToken)
    {
        container.Labels[ContainerLabels.Name] = name;
        await _ns.Names.ReserveAsync(name, container.Id, cancellationToken).ConfigureAwait(false);
        try
        {
            return await PutAsync(container, name, lease, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await UnfinishedWork.TryAsync(deadline => _ns.Names.ReleaseAsync(name, container.Id, deadline)).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Creates the container (Containers.Create), unless its id or name turns out to be taken.</summary>
    private async Task<WireContainers.Container> PutAsync(WireContainers.Container container, string? name, string? lease, CancellationToken cancellationToken)
    {
        var id = container.Id;
        var stub = new WireContainers.Containers.ContainersClient(_ns.Calls(lease));
        var reply = await UnfinishedWork.AnswerAsync(
            stop => stub.CreateAsync(new() { Container = container }, cancellationToken: stop).About(Resource.Container, id), UndoAsync, cancellationToken).ConfigureAwait(false);
        try
        {
            await _ns.Names.RequireNoNameAsync(id, cancellationToken).ConfigureAwait(false);
            if (name is not null)
                await _ns.Names.ConfirmAsync(name, id, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await UnfinishedWork.TryAsync(UndoAsync).ConfigureAwait(false);
            throw;
        }

        return reply.Container;

        async Task UndoAsync(CancellationToken deadline)
        {
            await Stub.DeleteAsync(new() { Id = id }, cancellationToken: deadline).About(Resource.Container, id).ConfigureAwait(false);
            if (name is not null)
                await _ns.Names.ReleaseAsync(name, id, deadline).ConfigureAwait(false);
        }
    }

    private static void Add(Google.Protobuf.Collections.MapField<string, string> labels, IReadOnlyDictionary<string, string> more)
    {
        foreach (var (key, value) in more)
            labels[key] = value;
    }

    /// <summary>A full spec is taken as it is, but for its root file system where the caller names another.</summary>
    private static CtrSpec WithRootfs(CtrSpec spec, string? rootfs)
    {
        if (rootfs is null)
            return spec;
        var copy = spec.Clone();
        copy.Root ??= new CtrSpecRoot();
        copy.Root.Path = rootfs;
        return copy;
    }

    private async Task<CtrContainer> UpdateAsync(WireContainers.Container container, string field, CancellationToken cancellation)
    {
        var request = new WireContainers.UpdateContainerRequest { Container = container, UpdateMask = new() };
        request.UpdateMask.Paths.Add(field);
        return FromWire((await Stub.UpdateAsync(request, cancellationToken: cancellation).About(Resource.Container, container.Id).ConfigureAwait(false)).Container);
    }

    /// <summary>Sets one label of a container, whatever label it is (Containers.Update).</summary>
    internal async Task<CtrContainer> PutLabelAsync(string id, string label, string value, CancellationToken cancellationToken)
    {
        var container = new WireContainers.Container { Id = id };
        container.Labels[label] = value;
        return await UpdateAsync(container, "labels." + label, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Replaces a container's spec by bytes as they are stored (Containers.Update).</summary>
    internal async Task PutSpecAsync(string id, Google.Protobuf.WellKnownTypes.Any spec, CancellationToken cancellation) =>
        await UpdateAsync(new WireContainers.Container { Id = id, Spec = spec }, "spec", cancellation).ConfigureAwait(false);

    /// <summary>One container as containerd stores it (Containers.Get).</summary>
    internal async Task<WireContainers.Container> GetWireAsync(string id, CancellationToken cancellation)
    {
        try
        {
            return (await Stub.GetAsync(new() { Id = id }, cancellationToken: cancellation).About(Resource.Container, id).ConfigureAwait(false)).Container;
        }
        catch (CtrNotFoundException e)
        {
            throw new CtrNotFoundException($"There is no container '{id}' in the namespace '{_ns.Namespace}'.", e.InnerException)
            {
                ErrorId = e.ErrorId,
                Subject = id,
                Remedy = e.Remedy,
            };
        }
    }

    private async Task RequireFreeAsync(string id, CancellationToken cancellation)
    {
        try
        {
            await GetWireAsync(id, cancellation).ConfigureAwait(false);
        }
        catch (CtrNotFoundException)
        {
            return;
        }

        throw new CtrConflictException($"There is a container '{id}' already.")
        {
            ErrorId = "ContainerExists",
            Subject = id,
            Remedy = Remedies.Exists(Resource.Container, id),
        };
    }

    /// <summary>The read-write snapshot has the container's id for its key, unless somebody else's snapshot has it.</summary>
    private async Task<string> PrepareSnapshotAsync(string snapshotter, string id, string parent, IReadOnlyDictionary<string, string>? labels, string lease, CancellationToken cancellation)
    {
        try
        {
            await _ns.Snapshots.PrepareAsync(snapshotter, id, parent, labels, lease: lease, cancellationToken: cancellation).ConfigureAwait(false);
            return id;
        }
        catch (CtrConflictException)
        {
            var key = $"{id}-{Guid.NewGuid():N}";
            await _ns.Snapshots.PrepareAsync(snapshotter, key, parent, labels, lease: lease, cancellationToken: cancellation).ConfigureAwait(false);
            return key;
        }
    }

    private CtrContainer FromWire(WireContainers.Container container)
    {
        var labels = new CtrMap(container.Labels);
        labels.Remove(ContainerLabels.LastExit, out var lastExit);
        var exit = ExitLabel.Read(container.Id, lastExit);
        return _ns.Own(new CtrContainer
        {
            ContainerId = container.Id,
            Name = ContainerLabels.NameOf(container.Labels),
            Image = container.Image,
            Runtime = container.Runtime?.Name ?? "",
            RuntimeOptions = RuntimeChoice.Read(container.Runtime?.Options),
            Snapshotter = container.Snapshotter,
            SnapshotKey = container.SnapshotKey,
            Labels = labels,
            Extensions = ContainerExtensions.Read(container.Extensions),
            Spec = SpecOf(container),
            CreatedAt = container.CreatedAt.Local() ?? default,
            UpdatedAt = container.UpdatedAt.Local() ?? default,
            LastExit = exit is null ? null : _ns.Own(exit),
        });
    }

    /// <summary>Any client may store any spec: one that does not parse must not hide the container.</summary>
    private static CtrSpec? SpecOf(WireContainers.Container container)
    {
        if (container.Spec is not { Value.IsEmpty: false } any)
            return null;
        try
        {
            return CtrSpec.Parse(any.Text());
        }
        catch (CtrArgumentException)
        {
            return null;
        }
    }
}
