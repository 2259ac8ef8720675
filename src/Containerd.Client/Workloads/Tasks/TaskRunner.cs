using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Streams;
using Containerd.Host;

namespace Containerd.Client.Workloads.Tasks;

/// <summary>Runs tasks whose streams are the caller's.</summary>
internal sealed class TaskRunner(
    RecordScope ns,
    TaskLogs logs,
    TaskLauncher launcher,
    TaskCreator creator,
    TaskRemoval removal,
    OomKills oom
)
{
    /// <summary>Runs a container's task to its end, and deletes it.</summary>
    internal Task<ProcessOutcome> RunAsync(string containerId, StreamUse use, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var limit = new RunLimit(ns, ns.Init(containerId), timeout);
        return ns.State.EndingRuns.AwaitAsync(limit.AwaitAsync, RunAsync, [containerId], cancellationToken);

        async Task<ProcessOutcome> RunAsync(CancellationToken stop)
        {
            var container = await PrepareAsync(containerId, stop).ConfigureAwait(false);
            return await Run(container, use, limit).RunAsync(use, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Runs the task of a container that has none yet to its end, and deletes it.</summary>
    internal Task<ProcessOutcome> RunNewAsync(CtrContainer container, StreamUse use, RunLimit limit, CancellationToken cancellationToken)
    {
        if (use.Size is not null && !TaskLaunch.HasTerminal(container))
            throw ProcessErrors.NoTerminalInSpec(container.ContainerId);
        return Run(container, use, limit).RunAsync(use, cancellationToken);
    }

    /// <summary>Starts a container's task. It runs by itself and is not deleted.</summary>
    internal async Task StartAsync(string containerId, StreamUse use, CancellationToken cancellationToken)
    {
        var hold = await RestartHold.TakeAsync(ns, containerId, cancellationToken).ConfigureAwait(false);
        try
        {
            var container = await PrepareAsync(containerId, cancellationToken).ConfigureAwait(false);
            await Run(container, use, limit: null).StartAsync(use, cancellationToken).ConfigureAwait(false);
            var logUri = RestartStreams.AreOurs(container)
                ? logs.Preparation.ForRestarts(container, new TaskStartOptions(), TaskLaunch.HasTerminal(container))
                : null;
            await RestartHold.StartedAsync(ns, container, logUri).ConfigureAwait(false);
        }
        catch
        {
            await hold.UndoAsync().ConfigureAwait(false);
            throw;
        }
    }

    private ProcessRun Run(CtrContainer container, StreamUse use, RunLimit? limit) =>
        new(ns.Connection, new TaskLaunch(ns.Init(container.ContainerId), container, creator, removal, oom, use.Size), limit);

    private async Task<CtrContainer> PrepareAsync(string containerId, CancellationToken cancellationToken)
    {
        ns.Connection.RequireHost("The streams of a task can be connected");
        await ns.State.EndingRuns.WaitAsync([containerId], cancellationToken).ConfigureAwait(false);
        var container = await ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        var old = await ns.TaskRecords.FindAsync(containerId, cancellationToken).ConfigureAwait(false);
        await launcher.ClearStoppedAsync(containerId, old, cancellationToken).ConfigureAwait(false);
        return container;
    }
}
