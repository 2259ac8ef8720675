using Containerd.Client.Transport;
using WireTasks = Containerd.Client.Wire.Tasks;
using WireTypes = Containerd.Client.Wire.Types;

namespace Containerd.Client.Records;

/// <summary>The tasks of a namespace, as reported by the daemon (Tasks.List, Tasks.Get).</summary>
internal sealed class TaskRecords(RecordScope ns)
{
    /// <summary>The calls of the Tasks service; those about a single process are in <see cref="ContainerProcess"/>.</summary>
    internal WireTasks.Tasks.TasksClient Stub => new(ns.Calls());

    /// <summary>All tasks, by container id (Tasks.List).</summary>
    internal async Task<IReadOnlyList<CtrTask>> ListAsync(CancellationToken cancellationToken)
    {
        var reply = await Stub.ListAsync(new(), cancellationToken: cancellationToken).TranslateErrors(Resource.Task).ConfigureAwait(false);
        return [.. reply.Tasks.Select(FromWire).OrderBy(t => t.ContainerId, StringComparer.Ordinal)];
    }

    /// <summary>Reads the task of a container, if it has one (Tasks.Get).</summary>
    /// <returns>The task; null for none.</returns>
    internal async Task<CtrTask?> FindAsync(string containerId, CancellationToken cancellationToken)
    {
        try
        {
            return FromWire(await ns.Init(containerId).GetAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (CtrNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Reads the task of a container (Tasks.Get).</summary>
    /// <exception cref="CtrNotFoundException">The container does not exist (ContainerNotFound), or has no task (TaskNotFound).</exception>
    internal async Task<CtrTask> GetAsync(string containerId, CancellationToken cancellationToken) =>
        await FindAsync(containerId, cancellationToken).ConfigureAwait(false)
        ?? throw await MissingAsync(containerId, cancellationToken).ConfigureAwait(false);

    /// <summary>Changes the limits of a task (Tasks.Update).</summary>
    internal async Task UpdateAsync(string containerId, CtrSpecResources resources, CancellationToken cancellationToken)
    {
        var request = new WireTasks.UpdateTaskRequest
        {
            ContainerId = containerId,
            Resources = WireAny.Json(WireAny.LinuxResources, resources.ToJson(indented: false)),
        };
        await Stub.UpdateAsync(request, cancellationToken: cancellationToken)
            .TranslateErrors(Resource.Task, containerId)
            .ConfigureAwait(false);
    }

    /// <summary>The error for a missing task: the container does not exist, or was not started.</summary>
    internal async Task<CtrNotFoundException> MissingAsync(string containerId, CancellationToken cancellationToken)
    {
        try
        {
            await ns.ContainerRecords.GetWireAsync(containerId, cancellationToken).ConfigureAwait(false);
            return RpcErrors.NotFound(Resource.Task, containerId);
        }
        catch (CtrNotFoundException e)
        {
            return e;
        }
    }

    /// <summary>The state of a process.</summary>
    internal static CtrStatus StatusOf(WireTypes.Status status) =>
        status switch
        {
            WireTypes.Status.Created => CtrStatus.Created,
            WireTypes.Status.Running => CtrStatus.Running,
            WireTypes.Status.Stopped => CtrStatus.Stopped,
            WireTypes.Status.Paused => CtrStatus.Paused,
            WireTypes.Status.Pausing => CtrStatus.Pausing,
            _ => CtrStatus.Unknown,
        };

    /// <summary>A task as an object of this session.</summary>
    internal CtrTask FromWire(WireTypes.Process process)
    {
        var stopped = process.Status == WireTypes.Status.Stopped;
        return ns.Stamp(
            new CtrTask
            {
                // container_id is never set in responses of the Tasks service.
                ContainerId = process.Id,
                Pid = (int)process.Pid,
                Status = StatusOf(process.Status),
                ExitCode = stopped ? unchecked((int)process.ExitStatus) : null,
                ExitedAt = stopped ? process.ExitedAt.Local() : null,
                Terminal = process.Terminal,
                Stdin = process.Stdin,
                Stdout = process.Stdout,
                Stderr = process.Stderr,
            }
        );
    }
}
