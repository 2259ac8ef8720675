using Containerd.Client.Images;
using Containerd.Client.Records;
using Containerd.Client.Specs;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Checkpoints;
using Containerd.Client.Workloads.Specs;
using Containerd.Host.Errors;
using Containerd.Host.Files;
using Containerd.Oci;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using WireContainers = Containerd.Client.Wire.Containers;
using WireRunc = Containerd.Client.Wire.Runc;

namespace Containerd.Client;

/// <summary>
/// Saves tasks with their memory, and restores them: in the same container, or in a new one that is created from the checkpoint
/// (libcontainerd's CreateCheckpoint and Start).
/// </summary>
public sealed class CheckpointService
{
    private readonly ImageScope _ns;
    private readonly ContainerStore _containers;
    private readonly TaskService _tasks;

    internal CheckpointService(ImageScope ns, ContainerStore containers, TaskService tasks)
    {
        _ns = ns;
        _containers = containers;
        _tasks = tasks;
    }

    /// <summary>
    /// Saves a running task (Tasks.Checkpoint) and its container's changes to the root file system (Diff.Diff). Nothing of it is left in
    /// containerd.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="creation">The destination and the options.</param>
    /// <param name="progress">Receives the progress of an archive; null for none.</param>
    /// <param name="cancellationToken">
    /// The token to monitor for cancellation requests. CRIU is let finish first, in the background; then a task that was to end keeps its
    /// checkpoint, and any other runs on without one.
    /// </param>
    /// <returns>The checkpoint.</returns>
    /// <exception cref="CtrNotFoundException">The container does not exist, or has no task.</exception>
    /// <exception cref="CtrConflictException">
    /// Its task is not running (TaskNotRunning), or the path is in use (CheckpointPathExists).
    /// </exception>
    /// <exception cref="CtrRuntimeException">CRIU failed, for the reason in the message (CheckpointFailed). The task continues.</exception>
    /// <exception cref="CtrNotSupportedException">
    /// CRIU is not installed, or the runtime does not support checkpoints (CheckpointNotSupported); the daemon is not on this machine
    /// (DaemonNotLocal).
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrCheckpoint> CreateAsync(
        string containerId,
        CheckpointCreateOptions creation,
        IProgress<CheckpointProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(creation);
        RequireLocal();
        return await BackgroundWork
            .AwaitAsync(
                new CheckpointRun(_ns, creation, progress).RunAsync(containerId, cancellationToken),
                _ns.Connection,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Creates a new container from a checkpoint: with its spec, labels and runtime, its image, and the changes to its root file system;
    /// and resumes its processes. A failure leaves nothing behind.
    /// </summary>
    /// <param name="restoration">The checkpoint and the options.</param>
    /// <param name="progress">Receives the progress of an archive; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. A canceled call leaves nothing behind.</param>
    /// <returns>The container.</returns>
    /// <exception cref="CtrNotFoundException">The checkpoint (CheckpointNotFound) or its image (ImageNotFound) does not exist.</exception>
    /// <exception cref="CtrDataException">It is not a complete checkpoint (CheckpointEmpty, InvalidCheckpoint).</exception>
    /// <exception cref="CtrArgumentException">
    /// The image with that name has changed (CheckpointMismatch), or no user can confirm a checkpoint of another daemon
    /// (ConfirmationRequired).
    /// </exception>
    /// <exception cref="CtrConflictException">The user answered no (CheckpointDeclined).</exception>
    /// <exception cref="CtrRuntimeException">CRIU failed, for the reason in the message (RestoreFailed).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrContainer> RestoreAsync(
        CheckpointRestoreOptions restoration,
        IProgress<CheckpointProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(restoration);
        RequireLocal();
        return await BackgroundWork
            .AwaitAsync(RestoreCoreAsync(restoration, progress, cancellationToken), _ns.Connection, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Starts the task of a container from a checkpoint of it, or from the one that it was restored from (Tasks.Create, Tasks.Start).
    /// </summary>
    internal Task<CtrTask> StartAsync(string containerId, TaskStartOptions start, CancellationToken cancellationToken)
    {
        RequireLocal();
        return BackgroundWork.AwaitAsync(CoreAsync(), _ns.Connection, cancellationToken);

        async Task<CtrTask> CoreAsync()
        {
            var container = await _ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
            var stored = await _ns.ContainerRecords.GetWireAsync(containerId, cancellationToken).ConfigureAwait(false);
            using var source = await CheckpointSource.OpenAsync(start.CheckpointPath!, null, cancellationToken).ConfigureAwait(false);
            source.Folder.RequireMadeOf(
                container,
                stored.Spec?.Text(),
                await ParentAsync(container, cancellationToken).ConfigureAwait(false)
            );
            await CheckpointTrust.RequireAsync(_ns.Connection, source, start.ConfirmCheckpoint, cancellationToken).ConfigureAwait(false);
            return await StartCoreAsync(stored, source, start, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The parent of a container's own snapshot; null for none.</summary>
    private async Task<string?> ParentAsync(CtrContainer container, CancellationToken cancellationToken) =>
        container.SnapshotKey.Length == 0
            ? null
            : (
                await _ns.Snapshots.Records.FindAsync(container.Snapshotter, container.SnapshotKey, cancellationToken).ConfigureAwait(false)
            )?.Parent;

    internal static CtrCheckpoint ToModel(CheckpointManifest manifest, string path, bool archive, long size) =>
        new()
        {
            CheckpointId = manifest.Id,
            ContainerId = manifest.ContainerId,
            Path = path,
            IsArchive = archive,
            Size = size,
            Image = manifest.Image,
            Runtime = manifest.Runtime,
            CreatedAt = manifest.CreatedAt.ToLocalTime(),
            Exit = manifest.Exit,
            HasRootfs = manifest.Layer is not null,
            Terminal = manifest.Terminal,
        };

    private async Task<CtrContainer> RestoreCoreAsync(
        CheckpointRestoreOptions restoration,
        IProgress<CheckpointProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        using var source = await CheckpointSource.OpenAsync(restoration.Path, progress, cancellationToken).ConfigureAwait(false);
        await CheckpointTrust.RequireAsync(_ns.Connection, source, restoration.Confirm, cancellationToken).ConfigureAwait(false);
        var creation = CreationOf(source, restoration);
        var container = await _containers.CreateAsync(creation, cancellationToken).ConfigureAwait(false);
        if (restoration.Start is null)
            return container;
        try
        {
            var stored = await _ns.ContainerRecords.GetWireAsync(creation.Id, cancellationToken).ConfigureAwait(false);
            await StartCoreAsync(stored, source, restoration.Start, cancellationToken).ConfigureAwait(false);
            return container;
        }
        catch
        {
            using var deadline = new CancellationTokenSource(BackgroundWork.CleanUpDeadline);
            try
            {
                await _containers.RemoveAsync(creation.Id, force: true, deadline.Token).ConfigureAwait(false);
            }
            catch (CtrNotFoundException e) when (e.ErrorId == ErrorIds.ContainerNotFound)
            {
                // Another client was faster.
            }

            throw;
        }
    }

    private ContainerCreateOptions CreationOf(CheckpointSource source, CheckpointRestoreOptions restoration)
    {
        var manifest = source.Manifest;
        var id = restoration.Id ?? (restoration.Name is null ? manifest.ContainerId : GeneratedId.New());
        if (manifest.Image.Length == 0 && manifest.Snapshotter.Length > 0)
        {
            throw CheckpointErrors.NotSupported(
                $"The checkpoint '{source.Folder.Name}' is of a container that was created from a snapshot without an image: "
                    + "another container cannot be created from it.",
                source.Folder.Name
            );
        }

        // An untrusted checkpoint could claim an exit that never occurred.
        var labels = manifest
            .Labels.Where(l =>
                !l.Key.StartsWith(ContainerLabels.OwnPrefix, StringComparison.Ordinal)
                && !ImageMountLabels.IsReference(l.Key)
                && !RestartLabels.IsState(l.Key)
            )
            .ToDictionary(StringComparer.Ordinal);
        labels.Remove(ContainerLabels.StopSignal, out var stopSignal);
        labels.Remove(ContainerLabels.Name, out var name);
        return new ContainerCreateOptions
        {
            Id = id,
            Name = restoration.Name ?? (restoration.Id is null && name is { Length: > 0 } ? name : null),
            Image = manifest.Image.Length > 0 ? manifest.Image : null,
            Spec = SpecFor(source.Folder, id),
            MountedImages = ImageMountLabels.Read(manifest.Labels),
            Network = RestoredNetwork.Of(CtrSpec.Parse(source.Folder.Spec), manifest.Labels),
            Labels = labels,
            OwnLabels = new Dictionary<string, string> { [ContainerLabels.RestoredFrom] = manifest.Id },
            StopSignal = stopSignal is null ? null : CtrSignal.Parse(stopSignal),
            Snapshotter = restoration.Snapshotter ?? (manifest.Snapshotter.Length > 0 ? manifest.Snapshotter : null),
            StoredRuntime = RuntimeOf(manifest),
            Fill = (image, snapshot, cancellationToken) => FillAsync(source.Folder, image, snapshot, cancellationToken),
        };
    }

    private async Task FillAsync(CheckpointFolder folder, ResolvedImage image, LeasedSnapshot snapshot, CancellationToken cancellationToken)
    {
        var manifest = folder.Manifest;
        if (manifest.Parent.Length > 0 && ImageUnpacker.ChainId(image.Config.DiffIds) != manifest.Parent)
        {
            throw CheckpointErrors.Mismatch(
                folder.Name,
                $"its container was created from another image than the one that has the name '{image.Name}' now",
                "ImportImage",
                "Import the image that the container was created from under that name."
            );
        }

        if (manifest.Layer is { } layer)
            await new RootfsLayer(_ns).ApplyAsync(folder.LayerPath, layer.Digest, snapshot, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The saved spec, with the default control group of the new container if the old one had its default one.</summary>
    private CtrSpec SpecFor(CheckpointFolder folder, string id)
    {
        var manifest = folder.Manifest;
        var spec = CtrSpec.Parse(folder.Spec);
        if (spec.Linux is { } linux)
            linux.CgroupsPath = CgroupPath.Rename(linux.CgroupsPath, (manifest.Namespace, manifest.ContainerId), (_ns.Namespace, id));
        RestoredNetwork.Remove(spec);
        return spec;
    }

    private async Task<CtrTask> StartCoreAsync(
        WireContainers.Container container,
        CheckpointSource source,
        TaskStartOptions start,
        CancellationToken cancellationToken
    )
    {
        var id = container.Id;
        var manifest = source.Manifest;
        if (start.WithStdin && !manifest.Stdin && !manifest.Terminal)
            throw CheckpointErrors.Mismatch(
                source.Folder.Name,
                "its process had no standard input, so it cannot get one",
                "WithoutStdin",
                "Restore it without a standard input."
            );
        // CRIU's options and log.
        var work = PrivateFolder.Make();
        string? spec = null;
        try
        {
            var trusted = await CheckpointTrust.IsTrustedAsync(_ns.Connection, source, cancellationToken).ConfigureAwait(false);
            using (await SpecLock.TakeAsync(_ns, cancellationToken, id).ConfigureAwait(false))
            {
                // Opening the checkpoint took its time.
                container = await _ns.ContainerRecords.GetWireAsync(id, cancellationToken).ConfigureAwait(false);
                spec = RestoreSpec.Of(container.Spec.Text(), manifest, work, trusted);
                if (spec is not null)
                {
                    await BackgroundWork
                        .CompleteOrUndoAsync(
                            async stop =>
                            {
                                await _ns
                                    .ContainerRecords.PutSpecAsync(id, WireAny.Json(container.Spec.TypeUrl, spec), stop)
                                    .ConfigureAwait(false);
                                return true;
                            },
                            undo: null,
                            cancellationToken
                        )
                        .ConfigureAwait(false);
                }
            }

            var task = await _tasks
                .StartAsync(id, Restoring(start, container.Runtime, source, work), cancellationToken)
                .ConfigureAwait(false);
            task = await LostTask.RequireAliveAsync(_ns, task, cancellationToken).ConfigureAwait(false);
            if (!cancellationToken.IsCancellationRequested)
                return task;
            using var deadline = new CancellationTokenSource(BackgroundWork.CleanUpDeadline);
            await _tasks.RemoveAsync(id, force: true, deadline.Token).ConfigureAwait(false);
            throw new OperationCanceledException(cancellationToken);
        }
        catch (CtrRuntimeException e) when (e.ErrorId != ErrorIds.RestoreFailed)
        {
            throw CheckpointErrors.RestoreFailed(e, id, work);
        }
        finally
        {
            if (spec is not null)
                await PutBackAsync(id, container.Spec, spec).ConfigureAwait(false);
            PrivateFolder.Remove(work);
        }
    }

    /// <summary>Removes what was added to the spec for the restore. What other clients have changed since then stays.</summary>
    private Task PutBackAsync(string id, Any former, string written) =>
        BackgroundWork.RunUntilDoneAsync(
            async stop =>
            {
                try
                {
                    using var held = await SpecLock.TakeAsync(_ns, stop, id).ConfigureAwait(false);
                    var stored = (await _ns.ContainerRecords.GetWireAsync(id, stop).ConfigureAwait(false)).Spec;
                    var spec =
                        stored.Text() == written ? former : WireAny.Json(stored.TypeUrl, RestoreSpec.Without(stored.Text(), former.Text()));
                    await _ns.ContainerRecords.PutSpecAsync(id, spec, stop).ConfigureAwait(false);
                }
                catch (CtrNotFoundException)
                {
                    // The container was removed in the meantime.
                }
            },
            _ns.Connection
        );

    /// <summary>The options for starting the task: a process that had standard input gets one, otherwise it would read its end.</summary>
    private static TaskStartOptions Restoring(
        TaskStartOptions start,
        WireContainers.Container.Types.Runtime runtime,
        CheckpointSource source,
        string work
    ) =>
        start with
        {
            CheckpointPath = null,
            WithStdin = start.WithStdin || source.Manifest.Stdin,
            Options = RestoreOptions(runtime, source.Folder.ImagesPath, work),
        };

    /// <summary>The container's own runtime options, which those of a task replace as a whole, and the path of CRIU's images.</summary>
    private static Any RestoreOptions(WireContainers.Container.Types.Runtime runtime, string images, string work)
    {
        var options = runtime.Options is { Value.IsEmpty: false } stored
            ? WireRunc.Options.Parser.ParseFrom(stored.Value)
            : new WireRunc.Options();
        options.CriuImagePath = images;
        options.CriuWorkPath = work;
        return WireAny.Pack(options);
    }

    private static WireContainers.Container.Types.Runtime RuntimeOf(CheckpointManifest manifest) =>
        new()
        {
            Name = manifest.Runtime,
            Options = manifest.RuntimeOptionsType is null
                ? null
                : new Any { TypeUrl = manifest.RuntimeOptionsType, Value = ByteString.CopyFrom(manifest.RuntimeOptions ?? []) },
        };

    private void RequireLocal() => _ns.Connection.RequireHost("Checkpoints can be made, and tasks restored from them,");
}
