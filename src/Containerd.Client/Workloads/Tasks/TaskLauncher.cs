using Containerd.Client.Records;
using Containerd.Client.Storage;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Logs;
using Containerd.Client.Workloads.Streams;
using Containerd.Host.Logs;

namespace Containerd.Client.Workloads.Tasks;

/// <summary>Creates and starts tasks that run by themselves, with files for their output.</summary>
internal sealed class TaskLauncher(StorageScope ns, TaskLogs logs, TaskCreator creator, TaskRemoval removal)
{
    /// <summary>Creates a container's task and starts it; a task that was created and not started is started.</summary>
    internal async Task StartAsync(string containerId, TaskStartOptions start, CancellationToken cancellationToken)
    {
        // The restart monitor deletes a task that has been created and not started, and kills one that it is to keep stopped.
        var hold = await RestartHold.TakeAsync(ns, containerId, cancellationToken).ConfigureAwait(false);
        try
        {
            await StartHeldAsync(containerId, start, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await hold.UndoAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task StartHeldAsync(string containerId, TaskStartOptions start, CancellationToken cancellationToken)
    {
        var container = await ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        var old = await ns.TaskRecords.FindAsync(containerId, cancellationToken).ConfigureAwait(false);
        if (old?.Status == CtrStatus.Created && start.Options is null)
        {
            if (start.ConsoleSize is { } size)
                await TerminalSize.SetAsync(ns, ns.Init(containerId), size, cancellationToken).ConfigureAwait(false);
            await StartCreatedAsync(container, old, start, isOurs: false).ConfigureAwait(false);
            return;
        }

        using var log = await CreateAsync(container, old, start, cancellationToken).ConfigureAwait(false);
        try
        {
            await StartCreatedAsync(container, log.StdoutPath, isOurs: true).ConfigureAwait(false);
            log.Keep();
        }
        catch (CtrException e)
        {
            // Without an answer, it may still be running.
            if (e.IsUnanswered())
                log.Keep();
            else if (log.Writer is { EachStart: true })
                logs.Removal.ForgetUnwritten(container);
            throw;
        }
    }

    /// <summary>Creates a container's task and does not start it.</summary>
    internal async Task CreateAsync(string containerId, TaskStartOptions start, CancellationToken cancellationToken)
    {
        var hold = await RestartHold.TakeAsync(ns, containerId, cancellationToken).ConfigureAwait(false);
        try
        {
            var container = await ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
            var old = await ns.TaskRecords.FindAsync(containerId, cancellationToken).ConfigureAwait(false);
            using var log = await CreateAsync(container, old, start, cancellationToken).ConfigureAwait(false);
            log.Keep();
        }
        catch
        {
            await hold.UndoAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Starts a task that an earlier call created, or another client; its streams are what they are.</summary>
    /// <param name="container">The container.</param>
    /// <param name="created">The task.</param>
    /// <param name="start">The options. Streams cannot be chosen any more.</param>
    /// <param name="isOurs">Whether the caller has just created the task, so that no other client has started it.</param>
    internal async Task StartCreatedAsync(CtrContainer container, CtrTask created, TaskStartOptions start, bool isOurs)
    {
        if (start.ChoosesOthersThan(created))
            throw ProcessErrors.StreamsChosen(container.ContainerId);
        try
        {
            await StartCreatedAsync(container, created.Stdout, isOurs).ConfigureAwait(false);
        }
        catch (CtrException e) when (!e.IsUnanswered() && e.ErrorId != ErrorIds.TaskExists)
        {
            logs.Removal.Forget(container, created);
            throw;
        }
    }

    /// <summary>A container has one task: an earlier stopped one is removed, any other is an error.</summary>
    internal async Task ClearStoppedAsync(string containerId, CtrTask? old, CancellationToken cancellationToken)
    {
        if (old is null)
            return;
        if (old.Status != CtrStatus.Stopped)
            throw ProcessErrors.TaskExists(old);
        await removal.RemoveAsync(containerId, force: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Rejects streams that require files on this machine, if the daemon is on another one.</summary>
    /// <exception cref="CtrNotSupportedException">DaemonNotLocal.</exception>
    internal void RequireHost(TaskStartOptions start)
    {
        if (start.WithStdin || !start.NoLog)
            ns.Connection.RequireHost(
                start.WithStdin ? "A task can be given a standard input" : "The output of a task can be kept",
                ("NoLog", "start it without a log and without a standard input.")
            );
    }

    /// <summary>Creates the task with files for its output, which the caller keeps or discards.</summary>
    private async Task<LogFiles> CreateAsync(
        CtrContainer container,
        CtrTask? old,
        TaskStartOptions start,
        CancellationToken cancellationToken
    )
    {
        var id = container.ContainerId;
        // Before the task of an earlier start is removed.
        RequireHost(start);
        start = RestartStreams.Of(container, start);
        var terminal = TaskLaunch.HasTerminal(container);
        if (start.ConsoleSize is not null && !terminal)
            throw ProcessErrors.NoTerminal(ns.Init(id));
        await ClearStoppedAsync(id, old, cancellationToken).ConfigureAwait(false);
        var log = logs.Preparation.Prepare(container, start, terminal);
        try
        {
            var streams = new StreamPaths(log.StdinPath, log.StdoutPath, log.StderrPath, terminal);
            await creator.CreateAsync(container, streams, start.Options, cancellationToken).ConfigureAwait(false);
            try
            {
                LogPreparation.RequireWriter(container, log);
            }
            catch (CtrRuntimeException)
            {
                await removal.DiscardAsync(id, cancellationToken).ConfigureAwait(false);
                throw;
            }

            if (log.HelperIsNew)
                await logs.HelperCleanup.RunAsync(cancellationToken).ConfigureAwait(false);
            if (start.ConsoleSize is { } size)
                await ns.Init(id).ResizeAsync(size, cancellationToken).ConfigureAwait(false);
            return log;
        }
        catch (CtrException e) when (e.IsUnanswered())
        {
            // The daemon may have created it all the same, and what it writes goes there.
            log.Keep();
            throw;
        }
        catch (Exception e)
        {
            log.Dispose();
            if (log.Writer is { EachStart: true })
                logs.Removal.ForgetUnwritten(container);
            logs.Preparation.CheckHelper(log);
            if (e is CtrException known)
                throw RuntimeErrors.Explain(known, container);
            throw;
        }
    }

    /// <summary>Starts a created task (Tasks.Start); a task that cannot be started is deleted.</summary>
    private async Task StartCreatedAsync(CtrContainer container, string stdout, bool isOurs)
    {
        var init = ns.Init(container.ContainerId);
        try
        {
            // A start that is under way cannot be undone.
            await init.StartAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (CtrException e)
        {
            var explained = await TaskStartErrors.ExplainAsync(e, init, container, isOurs).ConfigureAwait(false);
            // Another client was faster, and its task runs; or the daemon went away, and ours may.
            if (explained.ErrorId != ErrorIds.TaskExists && !explained.IsUnanswered())
                await removal.DiscardAsync(init.ContainerId).ConfigureAwait(false);
            throw explained;
        }

        await RestartHold.StartedAsync(ns, container, RestartStreams.LogUri(logs, container, stdout)).ConfigureAwait(false);
    }
}
