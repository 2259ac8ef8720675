using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Logs;

namespace Containerd.Client.Workloads.Tasks;

/// <summary>Restarts containers: stops their tasks, and starts them with the same streams.</summary>
internal sealed class TaskRestart(RecordScope ns, TaskLogs logs, TaskStop stop, TaskLauncher launcher)
{
    /// <inheritdoc cref="TaskService.RestartAsync"/>
    internal async Task RestartAsync(string containerId, TimeSpan grace, int? signal, CancellationToken cancellationToken)
    {
        var container = await ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        var task = await ns.TaskRecords.FindAsync(containerId, cancellationToken).ConfigureAwait(false);
        // A task that was created is only started: it has its streams.
        var start = task?.Status == CtrStatus.Created ? new TaskStartOptions() : logs.Former.Of(container, task);
        // What can be known to fail does not stop the task.
        LogPreparation.Require(start, TaskLaunch.HasTerminal(container));
        if (task is { Status: not (CtrStatus.Stopped or CtrStatus.Created) })
            await stop.StopAsync(containerId, grace, signal, cancellationToken).ConfigureAwait(false);
        // Once it is stopped, it is started, also for a caller that gives up: otherwise the service would be down.
        await BackgroundWork.AwaitAsync(StartAsync(), ns.Connection, cancellationToken).ConfigureAwait(false);

        async Task<bool> StartAsync()
        {
            await launcher.StartAsync(containerId, start, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
    }
}
