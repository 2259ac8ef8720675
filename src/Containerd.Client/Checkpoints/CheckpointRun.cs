using Google.Protobuf;
using WireRunc = Containerd.Client.Wire.Runc;
using WireTasks = Containerd.Client.Wire.Tasks;

namespace Containerd.Client;

/// <summary>
/// One checkpoint of one task. While its files and its memory are saved the task is frozen, so that both are of the same moment; whatever goes wrong, it
/// runs on and nothing of the checkpoint stays.
/// </summary>
internal sealed class CheckpointRun(NamespaceClient ns, CheckpointCreation creation, IProgress<CheckpointProgress>? progress)
{
    private static readonly TimeSpan CleanUpDeadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LeaseExpiry = TimeSpan.FromHours(24);

    private readonly string _path = Path.GetFullPath(creation.Path);
    private readonly bool _archive = creation.Archive ?? CheckpointArchive.IsNamedSo(creation.Path);
    private readonly RootfsLayer _rootfs = new(ns);

    private WireTasks.Tasks.TasksClient Tasks => new(ns.Calls());

    internal async Task<CtrCheckpoint> RunAsync(string containerId, CancellationToken cancellation)
    {
        var task = await ns.Tasks.GetAsync(containerId, cancellation).ConfigureAwait(false);
        if (task.Status is not (CtrStatus.Running or CtrStatus.Paused))
        {
            throw new CtrConflictException($"The task of container '{containerId}' does not run: it is {task.Status.ToString().ToLowerInvariant()}.")
            {
                ErrorId = "TaskNotRunning",
                Subject = containerId,
                Remedy = $"Start it with Start-CtrTask {containerId}.",
            };
        }

        var container = await ns.Containers.GetWireAsync(containerId, cancellation).ConfigureAwait(false);
        // Any other shim would have containerd put the images into its content store.
        if (!container.Runtime.Name.StartsWith("io.containerd.runc.", StringComparison.Ordinal))
            throw CheckpointErrors.NotSupported($"The runtime {container.Runtime.Name} of container '{containerId}' makes no checkpoints into a directory.", containerId, "Run it with runc.");
        RequireFree();

        using var place = CheckpointPlace.Make(_path, _archive);
        var manifest = Describe(container, task);
        try
        {
            CheckpointFolder.Write(Path.Combine(place.Folder, CheckpointFolder.SpecName), (container.Spec?.Value ?? ByteString.Empty).Span);
            await SaveAsync(container, task, place, manifest, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw NotWritable(e);
        }

        if (creation.Exit)
            cancellation = CancellationToken.None;

        try
        {
            if (!_archive)
            {
                cancellation.ThrowIfCancellationRequested();
                place.Keep();
                return Result(manifest, manifest.Files.Values.Sum());
            }

            var packed = place.Folder + ".tar";
            try
            {
                await CheckpointArchive.PackAsync(CheckpointFolder.Open(place.Folder, _path), packed, _path, progress, cancellation).ConfigureAwait(false);
                File.Move(packed, _path);
            }
            catch
            {
                File.Delete(packed);
                throw;
            }

            place.Discard();
            return Result(manifest, new FileInfo(_path).Length);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw creation.Exit ? NotPacked(place.Folder, e) : NotWritable(e);
        }
    }

    private void RequireFree()
    {
        if (File.Exists(_path))
            throw CheckpointErrors.PathInUse(_path, "there is a file of that name");
        if (Directory.Exists(_path) && (_archive || Directory.EnumerateFileSystemEntries(_path).Any()))
            throw CheckpointErrors.PathInUse(_path, _archive ? "there is a directory of that name" : "the directory is not empty");
    }

    private CheckpointManifest Describe(Wire.Containers.Container container, CtrTask task)
    {
        var labels = new Dictionary<string, string>(container.Labels, StringComparer.Ordinal);
        labels.Remove(ContainerLabels.LastExit);
        labels.Remove(ContainerLabels.RestoredFrom);
        return new CheckpointManifest
        {
            Format = CheckpointManifest.FormatName,
            Version = CheckpointManifest.FormatVersion,
            Id = Guid.NewGuid().ToString(),
            CreatedAt = DateTime.UtcNow,
            ContainerId = container.Id,
            Namespace = ns.Namespace,
            Image = container.Image,
            Runtime = container.Runtime.Name,
            RuntimeOptionsType = container.Runtime.Options?.TypeUrl,
            RuntimeOptions = container.Runtime.Options?.Value.ToByteArray(),
            Snapshotter = container.Snapshotter,
            SpecDigest = CheckpointFolder.Digest((container.Spec?.Value ?? ByteString.Empty).Span),
            Labels = labels,
            Terminal = task.Terminal,
            Stdin = task.Stdin.Length > 0,
            Exit = creation.Exit,
            Needs = [.. CriuNeeds.Of(creation)],
        };
    }

    /// <summary>Fills the directory, of a task that runs on until its memory is written.</summary>
    private async Task SaveAsync(Wire.Containers.Container container, CtrTask task, CheckpointPlace place, CheckpointManifest manifest, CancellationToken cancellation)
    {
        var folder = place.Folder;
        if (creation.IgnoreRootfs || container.SnapshotKey.Length == 0)
        {
            await DumpAsync(container, place, cancellation).ConfigureAwait(false);
            CheckpointFolder.Seal(folder, manifest);
            return;
        }

        var lease = await ns.Leases.CreateAsync(LeaseExpiry, cancellationToken: cancellation).ConfigureAwait(false);
        await using (lease.ConfigureAwait(false))
        {
            var snapshot = await ns.Snapshots.StatAsync(container.Snapshotter, container.SnapshotKey, cancellation).ConfigureAwait(false)
                ?? throw RpcErrors.NotFound(Resource.Snapshot, container.SnapshotKey);
            manifest.Parent = snapshot.Parent;
            var layerPath = Path.Combine(folder, CheckpointFolder.LayerName);
            OciDescriptor layer;
            var frozen = await PauseAsync(container.Id, task, cancellation).ConfigureAwait(false);
            try
            {
                layer = await _rootfs.DiffAsync(container.Snapshotter, container.SnapshotKey, snapshot.Parent, lease.Id, cancellation).ConfigureAwait(false);
                // After its end nothing may fail any more that can fail before.
                if (creation.Exit)
                    await _rootfs.SaveAsync(layer, layerPath, cancellation).ConfigureAwait(false);
                await DumpAsync(container, place, cancellation).ConfigureAwait(false);
                frozen &= !creation.Exit;
            }
            finally
            {
                if (frozen)
                    await ResumeAsync(container.Id).ConfigureAwait(false);
            }

            manifest.LayerDigest = layer.Digest;
            if (!creation.Exit)
                await _rootfs.SaveAsync(layer, layerPath, cancellation).ConfigureAwait(false);
            CheckpointFolder.Seal(folder, manifest);
        }
    }

    /// <summary>Has the runtime write the processes. CRIU cannot be called back while it does, so this is not cancelled.</summary>
    private async Task DumpAsync(Wire.Containers.Container container, CheckpointPlace place, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var work = creation.WorkPath is null ? Path.Combine(place.Folder, CheckpointFolder.WorkName) : Path.GetFullPath(creation.WorkPath);
        CheckpointFolder.Make(work);
        var images = Path.Combine(place.Folder, CheckpointFolder.ImagesName);
        CheckpointFolder.Make(images);
        var options = new WireRunc.CheckpointOptions
        {
            Exit = creation.Exit,
            OpenTcp = creation.OpenTcp,
            ExternalUnixSockets = creation.ExternalUnixSockets,
            Terminal = creation.Terminal,
            FileLocks = creation.FileLocks,
            ImagePath = images,
            WorkPath = work,
        };
        try
        {
            await Tasks.CheckpointAsync(new() { ContainerId = container.Id, Options = WireAny.Pack(options) }, cancellationToken: CancellationToken.None)
                .About(Resource.Task, container.Id).ConfigureAwait(false);
        }
        catch (CtrException e) when (e is CtrRuntimeException or CtrArgumentException or CtrNotSupportedException)
        {
            throw CheckpointErrors.CheckpointFailed(e, container.Id, work);
        }

        if (creation.Exit)
        {
            // The task is gone, and this is all that is left of it.
            place.Keep();
            await AwaitEndAsync(container.Id).ConfigureAwait(false);
        }

        if (creation.WorkPath is null)
            Directory.Delete(work, recursive: true);
    }

    /// <summary>The shim hears of the end a moment after the runtime has answered.</summary>
    private async Task AwaitEndAsync(string id)
    {
        using var deadline = new CancellationTokenSource(CleanUpDeadline);
        try
        {
            await ns.Tasks.WaitAsync(id, cancellation: deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException)
        {
            // The checkpoint is whole whatever became of the task.
        }
    }

    private async Task<bool> PauseAsync(string id, CtrTask task, CancellationToken cancellation)
    {
        if (task.Status == CtrStatus.Paused)
            return false;
        cancellation.ThrowIfCancellationRequested();
        await Tasks.PauseAsync(new() { ContainerId = id }, cancellationToken: CancellationToken.None).About(Resource.Task, id).ConfigureAwait(false);
        return true;
    }

    private async Task ResumeAsync(string id)
    {
        using var deadline = new CancellationTokenSource(CleanUpDeadline);
        await Tasks.ResumeAsync(new() { ContainerId = id }, cancellationToken: deadline.Token).About(Resource.Task, id).ConfigureAwait(false);
    }

    private CtrCheckpoint Result(CheckpointManifest manifest, long size) => ns.Own(CheckpointService.ToModel(manifest, _path, _archive, size));

    private CtrPermissionException NotWritable(Exception cause) => new($"The checkpoint '{_path}' cannot be written: {cause.Message}", cause)
    {
        ErrorId = "CheckpointNotWritable",
        Subject = _path,
    };

    private CtrException NotPacked(string folder, Exception cause) =>
        new($"The archive '{_path}' cannot be written ({cause.Message}). The task has ended; its checkpoint is the directory '{folder}'.", cause)
        {
            ErrorId = "CheckpointNotPacked",
            Subject = folder,
            Remedy = "The directory is a whole checkpoint: use it in the archive's place.",
        };
}
