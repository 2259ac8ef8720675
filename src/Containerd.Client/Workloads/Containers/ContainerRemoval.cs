using Containerd.Client.Images;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Volumes;
using Containerd.Host.Errors;

namespace Containerd.Client.Workloads.Containers;

/// <summary>Removes containers with their resources.</summary>
internal sealed class ContainerRemoval(ImageScope ns, TaskLogs logs, ContainerNames names, TaskService tasks)
{
    private readonly ContainerRecords _records = ns.ContainerRecords;
    private readonly NewContainerNetwork _networking = new(ns, names);

    /// <inheritdoc cref="ContainerStore.RemoveAsync(string, ContainerRemoveOptions, CancellationToken)"/>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    internal async Task<IReadOnlyList<string>> RemoveAsync(string id, ContainerRemoveOptions options, CancellationToken cancellationToken)
    {
        var force = options.Force;
        // Also for a container whose removal was not answered: then this is the second attempt.
        await logs.Removal.SweepAsync(cancellationToken).ConfigureAwait(false);
        var container = await _records.GetAsync(id, cancellationToken).ConfigureAwait(false);
        var volumes = await ContainerVolumes.FindAsync(ns, container, options.RemoveVolumes, cancellationToken).ConfigureAwait(false);
        var views = await ImageMounts.ViewsAsync(ns, container, cancellationToken).ConfigureAwait(false);
        // Otherwise the restart monitor would start it again while it is removed.
        var hold = await RestartHold.TakeAsync(ns, id, cancellationToken).ConfigureAwait(false);
        try
        {
            var task = await ns.TaskRecords.FindAsync(id, cancellationToken).ConfigureAwait(false);
            if (task is not null)
                await tasks.RemoveAsync(id, force, cancellationToken).ConfigureAwait(false);
            else
                await tasks.Shim.EndAsync(id, cancellationToken).ConfigureAwait(false);
        }
        catch (CtrNotFoundException e) when (e.ErrorId == ErrorIds.TaskNotFound)
        {
            // It was already removed, for example by the clean-up after Ctrl+C.
        }
        catch
        {
            await hold.UndoAsync().ConfigureAwait(false);
            throw;
        }

        // From here on, cancellation would leave an orphaned snapshot and output.
        cancellationToken.ThrowIfCancellationRequested();
        logs.Removal.Condemn(container);
        await _records
            .Stub.DeleteAsync(new() { Id = id }, cancellationToken: CancellationToken.None)
            .TranslateErrors(Resource.Container, id)
            .ConfigureAwait(false);
        if (container.SnapshotKey.Length > 0)
            await ns
                .Snapshots.Records.RemoveAsync(container.Snapshotter, container.SnapshotKey, CancellationToken.None)
                .ConfigureAwait(false);
        foreach (var view in views)
            await ns.Snapshots.Records.RemoveAsync(view.Snapshotter, view.Name, CancellationToken.None).ConfigureAwait(false);
        logs.Removal.Remove(container);
        _networking.Remove(container);
        if (container.Name is not null)
            await names.ReleaseAsync(container.Name, id, CancellationToken.None).ConfigureAwait(false);
        return volumes is null ? []
            : options.RemoveVolumes ? await volumes.RemoveAsync().ConfigureAwait(false)
            : volumes.Names;
    }

    /// <summary>Removes a container in any state, with a separate deadline. A caller who cancelled does not have to wait for it.</summary>
    internal async Task DiscardAsync(string id, CancellationToken caller)
    {
        await BackgroundWork.CleanUpAsync(DiscardAsync(), ns.Connection, caller).ConfigureAwait(false);

        async Task DiscardAsync()
        {
            using var deadline = new CancellationTokenSource(BackgroundWork.CleanUpDeadline);
            try
            {
                await RemoveAsync(id, new() { Force = true, RemoveVolumes = true }, deadline.Token).ConfigureAwait(false);
            }
            catch (CtrNotFoundException e) when (e.ErrorId == ErrorIds.ContainerNotFound)
            {
                // Another client was faster.
            }
        }
    }
}
