using System.Diagnostics;
using Containerd.Client.Images;
using Containerd.Client.Records;
using Containerd.Client.Specs;
using Containerd.Client.Transport;
using Containerd.Host.Files;
using Containerd.Oci.Archives;
using Containerd.Oci.Images;
using Google.Protobuf;
using WireRunc = Containerd.Client.Wire.Runc;
using WireTasks = Containerd.Client.Wire.Tasks;

namespace Containerd.Client.Workloads.Checkpoints;

/// <summary>
/// A checkpoint of a task. The task is paused while its files and its memory are saved, so that both are consistent; after a failure it
/// continues and nothing of the checkpoint is left.
/// </summary>
internal sealed class CheckpointRun(ImageScope ns, CheckpointCreateOptions creation, IProgress<CheckpointProgress>? progress)
{
    private static readonly TimeSpan LeaseExpiry = TimeSpan.FromHours(24);

    private readonly string _path = Path.GetFullPath(creation.Path);
    private readonly bool _archive = creation.Archive ?? TarPacking.IsNamedSo(creation.Path);
    private readonly RootfsLayer _rootfs = new(ns);
    private byte[]? _key;

    private WireTasks.Tasks.TasksClient Tasks => new(ns.Calls());

    internal async Task<CtrCheckpoint> RunAsync(string containerId, CancellationToken cancellationToken)
    {
        var task = await ns.TaskRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        if (task.Status is not (CtrStatus.Running or CtrStatus.Paused))
        {
            throw new CtrConflictException(
                $"The task of container '{containerId}' is not running: it is {task.Status.ToString().ToLowerInvariant()}."
            )
            {
                ErrorId = ErrorIds.TaskNotRunning,
                Subject = containerId,
                Remedy = "Start the task first.",
            };
        }

        var container = await ns.ContainerRecords.GetWireAsync(containerId, cancellationToken).ConfigureAwait(false);
        // With other shims, containerd would put the images into its content store.
        if (!container.Runtime.Name.StartsWith("io.containerd.runc.", StringComparison.Ordinal))
            throw CheckpointErrors.NotSupported(
                $"The runtime {container.Runtime.Name} of container '{containerId}' cannot create checkpoints in a directory.",
                containerId,
                "Run it with runc."
            );
        IdMapping.RequireNone(
            (await ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false)).Spec,
            containerId,
            "a checkpoint of it could not be restored, because its root file system belongs to ids of this host",
            "CheckpointWithoutIdMap",
            "Run the container without an id mapping."
        );
        RequireFree();
        RequireWorkPathOutside();

        _key = await CheckpointKey.GetAsync(ns.Connection, create: true, cancellationToken).ConfigureAwait(false);
        using var directory = CheckpointDirectory.Make(_path, _archive);
        var manifest = Describe(container, task);
        try
        {
            CheckpointFolder.Write(
                Path.Combine(directory.Folder, CheckpointFolder.SpecName),
                (container.Spec?.Value ?? ByteString.Empty).Span
            );
            await SaveHeldAsync(container, task, directory, manifest, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw directory.IsKept ? NotFinished(directory.Folder, e) : NotWritable(e);
        }

        if (creation.Exit)
            cancellationToken = CancellationToken.None;

        try
        {
            if (!_archive)
            {
                cancellationToken.ThrowIfCancellationRequested();
                directory.Keep();
                return Result(manifest, manifest.Size);
            }

            var packed = directory.Folder + ".tar";
            try
            {
                await CheckpointArchive
                    .PackAsync(directory.Folder, manifest, packed, _path, progress, cancellationToken)
                    .ConfigureAwait(false);
                File.Move(packed, _path);
            }
            catch
            {
                File.Delete(packed);
                throw;
            }

            directory.Discard();
            return Result(manifest, new FileInfo(_path).Length);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw creation.Exit ? NotPacked(directory.Folder, e) : NotWritable(e);
        }
    }

    private void RequireFree()
    {
        // Before the task is stopped: otherwise a dangling link would be found only at the end.
        if (File.Exists(_path) || (!Directory.Exists(_path) && new FileInfo(_path).LinkTarget is not null))
            throw CheckpointErrors.PathInUse(_path, "there is a file of that name");
        if (Directory.Exists(_path) && (_archive || Directory.EnumerateFileSystemEntries(_path).Any()))
            throw CheckpointErrors.PathInUse(_path, _archive ? "there is a directory of that name" : "the directory is not empty");
    }

    // A failure removes its directory, but CRIU's log must be kept.
    private void RequireWorkPathOutside()
    {
        if (
            creation.WorkPath is null
            || _archive
            || !(Path.GetFullPath(creation.WorkPath).TrimEnd('/') + "/").StartsWith(_path.TrimEnd('/') + "/", StringComparison.Ordinal)
        )
            return;
        throw new CtrArgumentException($"The work path '{creation.WorkPath}' is inside the checkpoint itself.")
        {
            ErrorId = ErrorIds.InvalidWorkPath,
            Subject = creation.WorkPath,
            Remedy = "Specify a directory outside of the checkpoint.",
        };
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
            Labels = labels,
            Terminal = task.Terminal,
            Stdin = task.Stdin.Length > 0,
            Exit = creation.Exit,
            Needs = [.. CriuOptions.Of(creation)],
        };
    }

    /// <summary>Fills the directory. A task that ends with it is not started again by the restart monitor.</summary>
    private async Task SaveHeldAsync(
        Wire.Containers.Container container,
        CtrTask task,
        CheckpointDirectory directory,
        CheckpointManifest manifest,
        CancellationToken cancellationToken
    )
    {
        var hold = creation.Exit ? await RestartHold.TakeAsync(ns, container.Id, cancellationToken).ConfigureAwait(false) : null;
        try
        {
            await SaveAsync(container, task, directory, manifest, cancellationToken).ConfigureAwait(false);
        }
        catch when (hold is not null && !directory.IsKept)
        {
            await hold.UndoAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Fills the directory, while the task continues until its memory is written.</summary>
    private async Task SaveAsync(
        Wire.Containers.Container container,
        CtrTask task,
        CheckpointDirectory directory,
        CheckpointManifest manifest,
        CancellationToken cancellationToken
    )
    {
        var folder = directory.Folder;
        if (container.SnapshotKey.Length > 0)
        {
            var snapshot = await ns
                .Snapshots.Records.FindAsync(container.Snapshotter, container.SnapshotKey, cancellationToken)
                .ConfigureAwait(false)
                ?? throw RpcErrors.NotFound(Resource.Snapshot, container.SnapshotKey);
            manifest.Parent = snapshot.Parent;
        }

        if (creation.IgnoreRootfs || container.SnapshotKey.Length == 0)
        {
            await DumpAsync(container, directory, cancellationToken).ConfigureAwait(false);
            await SealAsync().ConfigureAwait(false);
            return;
        }

        var lease = await ns.Leases.CreateAsync(LeaseExpiry, cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (lease.ConfigureAwait(false))
        {
            var layerPath = Path.Combine(folder, CheckpointFolder.LayerName);
            OciDescriptor layer;
            var frozen = await FrozenTask.FreezeAsync(ns, task, cancellationToken).ConfigureAwait(false);
            await using (frozen.ConfigureAwait(false))
            {
                var snapshot = await ns
                    .Snapshots.GetAsync(container.Snapshotter, container.SnapshotKey, cancellationToken)
                    .ConfigureAwait(false);
                layer = await ns
                    .Snapshots.Export.DiffAsync(snapshot, snapshot.Parent, MediaTypes.OciLayer, null, lease.Id, cancellationToken)
                    .ConfigureAwait(false);
                // After the task has ended, no operation may fail that could have been done before.
                if (creation.Exit)
                    await _rootfs.SaveAsync(layer, layerPath, cancellationToken).ConfigureAwait(false);
                await DumpAsync(container, directory, cancellationToken).ConfigureAwait(false);
                if (creation.Exit)
                    frozen.Forget();
            }

            if (!creation.Exit)
                await _rootfs.SaveAsync(layer, layerPath, cancellationToken).ConfigureAwait(false);
            await SealAsync().ConfigureAwait(false);
        }

        Task SealAsync() => CheckpointFolder.SealAsync(folder, manifest, _key, creation.Exit ? CancellationToken.None : cancellationToken);
    }

    /// <summary>Writes the processes with the runtime. CRIU cannot be cancelled meanwhile, so this is not cancelled.</summary>
    private async Task DumpAsync(Wire.Containers.Container container, CheckpointDirectory directory, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // Not beside the images: if there is no space for them, CRIU can still write the reason of the failure.
        var work = creation.WorkPath is null ? PrivateFolder.Make() : Path.GetFullPath(creation.WorkPath);
        try
        {
            CheckpointFolder.Make(work);
            CriuLog.Forget(work);
            await DumpAsync(container.Id, directory, work).ConfigureAwait(false);
        }
        finally
        {
            if (creation.WorkPath is null)
                PrivateFolder.Remove(work);
        }

        if (!creation.Exit)
            return;
        // The task no longer exists, and this is all that is left of it.
        directory.Keep();
        await AwaitEndAsync(container.Id).ConfigureAwait(false);
    }

    private async Task DumpAsync(string containerId, CheckpointDirectory directory, string work)
    {
        var images = Path.Combine(directory.Folder, CheckpointFolder.ImagesName);
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
            await Tasks
                .CheckpointAsync(
                    new() { ContainerId = containerId, Options = WireAny.Pack(options) },
                    cancellationToken: CancellationToken.None
                )
                .TranslateErrors(Resource.Task, containerId)
                .ConfigureAwait(false);
        }
        catch (CtrException e) when (e is CtrRuntimeException or CtrArgumentException or CtrNotSupportedException)
        {
            throw CheckpointErrors.CheckpointFailed(e, containerId, work);
        }
        catch (CtrException e) when (creation.Exit && e.IsUnanswered())
        {
            // The task may end with it: then this is all that is left.
            directory.Keep();
            if (await BecameAsync(containerId, work).ConfigureAwait(false) is not { } ended)
                throw NotFinished(containerId, directory.Folder, e);
            if (ended)
                return;
            directory.Abandon();
            throw;
        }
    }

    /// <summary>
    /// Determines the result of a dump whose daemon became unavailable: the shim, which is then on its own, may finish it, or abort it,
    /// after which the task continues.
    /// </summary>
    /// <returns>Whether the task has ended and is saved; null if it is not known.</returns>
    private async Task<bool?> BecameAsync(string containerId, string work)
    {
        using var deadline = new CancellationTokenSource(BackgroundWork.CleanUpDeadline);
        try
        {
            await ns.Connection.AwaitReturnAsync(BackgroundWork.CleanUpDeadline, deadline.Token).ConfigureAwait(false);
            // A runtime that has just been cancelled may still be ending.
            await Task.Delay(TimeSpan.FromSeconds(1), deadline.Token).ConfigureAwait(false);
            var ended = Stopwatch.StartNew();
            while (true)
            {
                var status = (await ns.TaskRecords.FindAsync(containerId, deadline.Token).ConfigureAwait(false))?.Status
                    ?? CtrStatus.Stopped;
                var dump = CriuLog.StateOfDump(work);
                // CRIU ends the task before it writes its last line.
                if (status == CtrStatus.Stopped && (dump is not null || ended.Elapsed > TimeSpan.FromSeconds(2)))
                    return dump == true ? true : null;
                if (status != CtrStatus.Stopped)
                    ended.Restart();
                // CRIU did not start, or has undone its work.
                if (status is CtrStatus.Running or CtrStatus.Paused && dump == false)
                    return false;
                await Task.Delay(TimeSpan.FromMilliseconds(100), deadline.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException)
        {
            return null;
        }
    }

    private static CtrConnectionException NotFinished(string containerId, string folder, CtrException cause) =>
        new(
            $"The daemon {(cause is CtrTimeoutException ? "did not answer" : "stopped")} while the task was being saved and ended; "
                + $"the incomplete checkpoint is in '{folder}'.",
            cause
        )
        {
            ErrorId = ErrorIds.CheckpointNotFinished,
            Subject = containerId,
            RemedyId = "CheckTask",
            Remedy = "Check whether the task is still running. If so, create another checkpoint, and remove that folder.",
        };

    /// <summary>The shim detects the exit slightly after the runtime has answered.</summary>
    private async Task AwaitEndAsync(string id)
    {
        using var deadline = new CancellationTokenSource(BackgroundWork.CleanUpDeadline);
        try
        {
            await ns.Init(id).WaitAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException)
        {
            // The checkpoint is complete, whatever the state of the task.
        }
    }

    private CtrCheckpoint Result(CheckpointManifest manifest, long size) =>
        ns.Stamp(CheckpointService.ToModel(manifest, _path, _archive, size));

    private CtrPermissionException NotWritable(Exception cause) =>
        new($"The checkpoint '{_path}' cannot be written: {cause.Message}", cause)
        {
            ErrorId = ErrorIds.CheckpointNotWritable,
            Subject = _path,
        };

    private static CtrException NotFinished(string folder, Exception cause) =>
        new($"The task has ended, and its checkpoint in '{folder}' could not be finished: {cause.Message}", cause)
        {
            ErrorId = ErrorIds.CheckpointNotFinished,
            Subject = folder,
        };

    private CtrException NotPacked(string folder, Exception cause) =>
        new(
            $"The archive '{_path}' cannot be written ({cause.Message}). The task has ended; its checkpoint is the directory '{folder}'.",
            cause
        )
        {
            ErrorId = ErrorIds.CheckpointNotPacked,
            Subject = folder,
            Remedy = "The directory is a complete checkpoint: use it instead of the archive.",
        };
}
