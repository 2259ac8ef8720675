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
        var start = new TaskStartOptions();
        // A task that was created is only started: it has its streams.
        if (task?.Status != CtrStatus.Created)
        {
            start = logs.Former.Of(container, task);
            // What can be known to fail does not stop the task.
            launcher.RequireHost(start);
            LogPreparation.Require(start, TaskLaunch.HasTerminal(container));
        }

        cancellationToken.ThrowIfCancellationRequested();
        // Once it has got a signal, it is also started for a caller that gives up: otherwise the service would be down.
        await BackgroundWork.AwaitAsync(RestartAsync(), ns.Connection, cancellationToken).ConfigureAwait(false);

        async Task<bool> RestartAsync()
        {
            // A restart that fails leaves it to the restart monitor, if that kept it running.
            var hold = await RestartHold.TakeAsync(ns, containerId, CancellationToken.None).ConfigureAwait(false);
            try
            {
                if (task is { Status: not (CtrStatus.Stopped or CtrStatus.Created) })
                    await stop.StopAsync(containerId, grace, signal, CancellationToken.None).ConfigureAwait(false);
                await launcher.StartAsync(containerId, start, CancellationToken.None).ConfigureAwait(false);
                return true;
            }
            catch
            {
                await hold.UndoAsync().ConfigureAwait(false);
                throw;
            }
        }
    }
}
