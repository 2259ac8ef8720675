using Containerd.Client.Daemon;
using Containerd.Client.Images;
using Containerd.Client.Records;
using Containerd.Client.Specs;
using Containerd.Client.Storage;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Networks;
using Containerd.Client.Workloads.Specs;
using Containerd.Client.Workloads.Volumes;
using Containerd.Host.Errors;
using Containerd.Oci;
using WireContainers = Containerd.Client.Wire.Containers;

namespace Containerd.Client.Workloads.Containers;

/// <summary>Creates containers with their resources.</summary>
internal sealed class ContainerCreator(ImageScope ns, ContainerNames names, SpecService specs, RestartSettings restarts)
{
    // The longest name of a signal has 9 characters (SIGVTALRM, SIGRTMIN+15 has 11); an image may contain any text.
    private const int LongestSignal = 32;

    private readonly ContainerRecords _records = ns.ContainerRecords;
    private readonly NewContainerNetwork _networking = new(ns, names);
    private readonly MountPreparation _mounts = new(ns);
    private readonly InheritedMounts _inherited = new(ns, names);

    /// <inheritdoc cref="ContainerStore.CreateAsync"/>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    internal async Task<CtrContainer> CreateAsync(ContainerCreateOptions creation, CancellationToken cancellationToken) =>
        await BackgroundWork.Track(CreateCoreAsync(creation, cancellationToken), ns.Connection, cancellationToken).ConfigureAwait(false);

    /// <summary>The keys under which the end of a run is awaited.</summary>
    internal static IReadOnlyList<string> KeysOf(ContainerCreateOptions creation) =>
        creation.Name is null ? [creation.Id] : [creation.Id, creation.Name];

    /// <summary>A full spec contains a command; a spec without one is a mistake, such as a partial change.</summary>
    internal static void RequireProcess(string id, CtrSpec spec)
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

    private async Task<CtrContainer> CreateCoreAsync(ContainerCreateOptions creation, CancellationToken cancellationToken)
    {
        ContainerdNames.Require(creation.Id, "container");
        if (creation.Name is not null)
            ContainerdNames.RequireName(creation.Name);
        InheritedLabels.RequireUsable(creation.Labels!);
        creation.RestartPolicy?.Validate();
        var choice = NetworkChoice.Of(creation.Network, creation.Options.HostNetwork);
        if (choice.Mode == NetworkMode.Host)
            creation = creation with { Options = creation.Options with { HostNetwork = true } };
        if (creation.Spec is not null)
            RequireProcess(creation.Id, creation.Spec);
        else
            specs.RequireHost(creation.Options, null);
        var mapping = creation.Spec is null ? SpecIdMappings.Require(creation.Options) : IdMapping.Of(creation.Spec);
        await ns.State.EndingRuns.WaitAsync(KeysOf(creation), cancellationToken).ConfigureAwait(false);
        await RequireFreeAsync(creation.Id, cancellationToken).ConfigureAwait(false);
        await names.RequireNoNameAsync(creation.Id, cancellationToken).ConfigureAwait(false);
        if (creation.Name is not null)
            await names.RequireFreeAsync(creation.Name, creation.Id, cancellationToken).ConfigureAwait(false);
        if (creation.RestartPolicy is { Mode: not CtrRestartMode.No } policy)
            _ = await restarts
                .RequireAsync(
                    policy,
                    creation.Id,
                    creation.Spec is null ? creation.Options.Tty : creation.Spec.Process?.Terminal ?? false,
                    choice.Mode == NetworkMode.Shared,
                    cancellationToken
                )
                .ConfigureAwait(false);
        // A full spec is used unchanged, with its mounts.
        if (creation.Spec is null)
            creation = await _inherited.AddAsync(creation, cancellationToken).ConfigureAwait(false);
        if (creation.Spec is null)
            await _mounts.CheckAsync(creation, mapping is not null, cancellationToken).ConfigureAwait(false);
        var network = await _networking.PrepareAsync(creation, choice, cancellationToken).ConfigureAwait(false);
        var mountsImages = creation.MountedImages.Count > 0 || creation.Options.Mounts?.Any(mount => mount.Type == "image") == true;
        if (creation.Image is null && !mountsImages)
            return await StoreMountedAsync(creation, network, null, null, null, mapping, false, cancellationToken).ConfigureAwait(false);

        var snapshotter = creation.Snapshotter ?? await ns.Snapshots.DefaultSnapshotterAsync(cancellationToken).ConfigureAwait(false);
        if (creation.Image is null)
        {
            var held = await ns.Leases.CreateAsync(TimeSpan.FromHours(1), cancellationToken: cancellationToken).ConfigureAwait(false);
            await using var heldDisposal = held.ConfigureAwait(false);
            var place = new ViewPlace(snapshotter, held.Id);
            return await StoreMountedAsync(creation, network, place, null, null, mapping, false, cancellationToken).ConfigureAwait(false);
        }

        var remapped = mapping is null
            ? null
            : await RemappedSnapshot.PlanAsync(ns, mapping, snapshotter, cancellationToken).ConfigureAwait(false);
        var image = await ns
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
            specs.RequireHost(creation.Options, image.Config);
        var lease = await ns.Leases.CreateAsync(TimeSpan.FromHours(1), cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (lease.ConfigureAwait(false))
        {
            var top = await ns.Images.UnpackAsync(image, snapshotter, lease.Id, cancellationToken).ConfigureAwait(false);
            if (remapped is not null)
                top = await remapped.ParentAsync(top, lease.Id, cancellationToken).ConfigureAwait(false);
            var key = await PrepareSnapshotAsync(snapshotter, creation.Id, top, remapped?.Labels, lease.Id, cancellationToken)
                .ConfigureAwait(false);
            try
            {
                var snapshot = new LeasedSnapshot(snapshotter, key, lease.Id);
                if (creation.Fill is not null)
                    await creation.Fill(image, snapshot, cancellationToken).ConfigureAwait(false);
                var mapsIds = remapped?.Labels is not null;
                var place = new ViewPlace(snapshotter, lease.Id);
                return await StoreMountedAsync(creation, network, place, image, snapshot, mapping, mapsIds, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch
            {
                await BackgroundWork
                    .TryCleanUpAsync(deadline => ns.Snapshots.Records.RemoveAsync(snapshotter, key, deadline))
                    .ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>Creates the container with its volumes, which are removed again if it fails.</summary>
    private async Task<CtrContainer> StoreMountedAsync(
        ContainerCreateOptions creation,
        NetworkSetup? network,
        ViewPlace? place,
        ResolvedImage? image,
        LeasedSnapshot? snapshot,
        IdMapping? mapping,
        bool mapsIds,
        CancellationToken cancellationToken
    )
    {
        using var mounts = creation.Spec is not null
            ? await _mounts.HoldAsync(creation, place, cancellationToken).ConfigureAwait(false)
            : await _mounts.PrepareAsync(creation, place, image, snapshot, mapping, mapsIds, cancellationToken).ConfigureAwait(false);
        try
        {
            var mounted = creation with
            {
                Spec = creation.Spec is null ? null : SpecMounts.Replace(creation.Spec, mounts.Mounts),
                Options = creation.Options with { Mounts = mounts.Mounts },
                OwnLabels = creation.OwnLabels.Concat(mounts.Labels).ToDictionary(),
            };
            return await StoreAsync(mounted, network, image, snapshot, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await mounts.DiscardAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<CtrContainer> StoreAsync(
        ContainerCreateOptions creation,
        NetworkSetup? network,
        ResolvedImage? image,
        LeasedSnapshot? snapshot,
        CancellationToken cancellationToken
    )
    {
        var standard = await ns.Daemon.Runtimes.DefaultAsync(ns.Namespace, cancellationToken).ConfigureAwait(false);
        var spec = creation.Spec is null
            ? await specs.BuildAsync(WithDriver(creation, standard), image, snapshot, cancellationToken).ConfigureAwait(false)
            : WithRootfs(creation.Spec, creation.Rootfs ?? (snapshot is null ? null : "rootfs"));
        if (network is null)
            return await StoreAsync(creation, spec, [], image, snapshot, cancellationToken).ConfigureAwait(false);
        try
        {
            spec = spec.Clone();
            network.Apply(spec);
            return await StoreAsync(creation, spec, network.Labels, image, snapshot, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            network.Discard();
            throw;
        }
    }

    private async Task<CtrContainer> StoreAsync(
        ContainerCreateOptions creation,
        CtrSpec spec,
        IEnumerable<KeyValuePair<string, string>> networkLabels,
        ResolvedImage? image,
        LeasedSnapshot? snapshot,
        CancellationToken cancellationToken
    )
    {
        var container = new WireContainers.Container
        {
            Id = creation.Id,
            Image = image?.Name ?? "",
            Snapshotter = snapshot?.Snapshotter ?? "",
            SnapshotKey = snapshot?.Key ?? "",
            Spec = WireAny.Json(WireAny.Spec, spec.ToJson(indented: false)),
            Runtime = await _networking.RuntimeOfAsync(creation, spec, cancellationToken).ConfigureAwait(false),
        };
        ContainerExtensions.Add(container.Extensions, creation.Extensions);
        if (image is not null)
            Add(container.Labels, InheritedLabels.From(image.Config.Labels, image.Name, creation.Warnings));
        Add(container.Labels, creation.Labels);
        Add(container.Labels, creation.OwnLabels);
        if (creation.RestartPolicy is { Mode: not CtrRestartMode.No } policy)
            container.Labels[ContainerLabels.RestartPolicy] = policy.ToString();
        foreach (var (key, value) in networkLabels)
            container.Labels[key] = value;
        if ((creation.StopSignal?.ToString() ?? image?.Config.StopSignal) is { Length: > 0 and <= LongestSignal } signal)
            container.Labels[ContainerLabels.StopSignal] = signal;
        var created = _records.FromWire(
            creation.Name is null
                ? await PutAsync(container, null, snapshot?.Lease, cancellationToken).ConfigureAwait(false)
                : await PutNamedAsync(container, creation.Name, snapshot?.Lease, cancellationToken).ConfigureAwait(false)
        );
        created.Status = CtrStatus.Created;
        return created;
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
        await names.ReserveAsync(name, container.Id, cancellationToken).ConfigureAwait(false);
        try
        {
            return await PutAsync(container, name, lease, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await BackgroundWork.TryCleanUpAsync(deadline => names.ReleaseAsync(name, container.Id, deadline)).ConfigureAwait(false);
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
        var stub = new WireContainers.Containers.ContainersClient(ns.Calls(lease));
        var reply = await BackgroundWork
            .CompleteOrUndoAsync(
                stop => stub.CreateAsync(new() { Container = container }, cancellationToken: stop).TranslateErrors(Resource.Container, id),
                UndoAsync,
                cancellationToken
            )
            .ConfigureAwait(false);
        try
        {
            await names.RequireNoNameAsync(id, cancellationToken).ConfigureAwait(false);
            if (name is not null)
                await names.ConfirmAsync(name, id, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await BackgroundWork.TryCleanUpAsync(UndoAsync).ConfigureAwait(false);
            throw;
        }

        return reply.Container;

        async Task UndoAsync(CancellationToken deadline)
        {
            await _records
                .Stub.DeleteAsync(new() { Id = id }, cancellationToken: deadline)
                .TranslateErrors(Resource.Container, id)
                .ConfigureAwait(false);
            if (name is not null)
                await names.ReleaseAsync(name, id, deadline).ConfigureAwait(false);
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
            await ns
                .Snapshots.Records.PrepareAsync(snapshotter, id, parent, labels, lease: lease, cancellationToken: cancellationToken)
                .ConfigureAwait(false);
            return id;
        }
        catch (CtrConflictException)
        {
            var key = $"{id}-{Guid.NewGuid():N}";
            await ns
                .Snapshots.Records.PrepareAsync(snapshotter, key, parent, labels, lease: lease, cancellationToken: cancellationToken)
                .ConfigureAwait(false);
            return key;
        }
    }
}
