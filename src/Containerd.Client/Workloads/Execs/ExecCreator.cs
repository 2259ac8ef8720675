using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Streams;
using WireTasks = Containerd.Client.Wire.Tasks;

namespace Containerd.Client.Workloads.Execs;

/// <summary>Adds processes to running containers (Tasks.Exec), and undoes it if the caller gives up.</summary>
internal sealed class ExecCreator(RecordScope ns, SpecService specs)
{
    /// <summary>A new id for an exec.</summary>
    internal static string NewId() => $"exec-{Guid.NewGuid():N}"[..17];

    /// <summary>Checks that an exec can be added, and builds its process.</summary>
    internal async Task<CtrSpecProcess> PrepareAsync(string containerId, ExecStartOptions start, CancellationToken cancellationToken)
    {
        // Files and named pipes of this machine would not exist on the daemon's.
        ns.Connection.RequireHost("The streams of an exec can be connected");
        if (start.ExecId is not null)
        {
            ContainerdNames.Require(start.ExecId, "exec");
            await ns.State.EndingRuns.WaitAsync([$"{containerId}/{start.ExecId}"], cancellationToken).ConfigureAwait(false);
        }

        var task = await RequireRunningTaskAsync(containerId, cancellationToken).ConfigureAwait(false);
        var container = await ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        return await specs.BuildExecAsync(container, task, start.Options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Requires that a container's task runs and is not paused.</summary>
    internal async Task<CtrTask> RequireRunningTaskAsync(string containerId, CancellationToken cancellationToken)
    {
        var task = await ns.TaskRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        if (task.Status is CtrStatus.Stopped or CtrStatus.Created)
            throw ProcessErrors.NotRunning(task);
        if (task.Status is CtrStatus.Paused or CtrStatus.Pausing)
            throw ProcessErrors.Paused(task, already: false);
        return task;
    }

    /// <summary>Requires that no exec of the container has this id.</summary>
    internal static async Task RequireFreeAsync(ExecProcess exec, CancellationToken cancellationToken)
    {
        try
        {
            await exec.GetAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (CtrNotFoundException)
        {
            return;
        }

        throw RpcErrors.Exists(Resource.Exec, exec.Name);
    }

    /// <summary>Adds a process with these streams and does not start it.</summary>
    internal async Task CreateAsync(ExecProcess exec, CtrSpecProcess process, StreamPaths streams, CancellationToken cancellationToken)
    {
        var request = new WireTasks.ExecProcessRequest
        {
            ContainerId = exec.ContainerId,
            ExecId = exec.Id,
            Stdin = streams.Stdin,
            Stdout = streams.Stdout,
            Stderr = streams.Stderr,
            Terminal = streams.Terminal,
            Spec = WireAny.Json(WireAny.Process, process.ToJson(indented: false)),
        };
        await BackgroundWork
            .CompleteOrUndoAsync(
                stop => ns.TaskRecords.Stub.ExecAsync(request, cancellationToken: stop).TranslateErrors(Resource.Exec, exec.Name),
                _ => TryDeleteAsync(exec),
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>Deletes an exec that was not started, whose caller does not need to know whether that succeeded.</summary>
    internal Task DiscardAsync(ExecProcess exec) =>
        BackgroundWork.CleanUpAsync(TryDeleteAsync(exec), ns.Connection, CancellationToken.None);

    // As in libcontainerd: a separate deadline, regardless of the caller's. The original error is the one that the caller needs.
    private static Task TryDeleteAsync(ExecProcess exec) => BackgroundWork.TryCleanUpAsync(deadline => exec.DeleteAsync(deadline));
}
