using Containerd.Client.Records;
using Containerd.Client.Transport;
using WireTasks = Containerd.Client.Wire.Tasks;
using WireTypes = Containerd.Client.Wire.Types;

namespace Containerd.Client.Workloads.Tasks;

/// <summary>Deletes tasks (Tasks.Delete), and keeps in the container's labels how they ended.</summary>
internal sealed class TaskRemoval(RecordScope ns, TaskLogs logs, OomKills oom, TaskStop stop, LeftoverShim shim)
{
    /// <inheritdoc cref="TaskService.RemoveAsync"/>
    internal async Task<CtrExit> RemoveAsync(string containerId, bool force, CancellationToken cancellationToken)
    {
        // Otherwise the restart monitor would start it again.
        var hold = await RestartHold.TakeAsync(ns, containerId, cancellationToken).ConfigureAwait(false);
        try
        {
            return await RemoveAsync(containerId, force, remember: true, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await hold.UndoAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Removes a task that was never started, whose caller does not need to know whether that succeeded. A caller that gave up need not
    /// wait for it.
    /// </summary>
    internal Task DiscardAsync(string containerId, CancellationToken caller = default) =>
        BackgroundWork.CleanUpAsync(RemoveUnstartedAsync(containerId), ns.Connection, caller);

    /// <summary>Removes a task that was never started; its exit is not recorded.</summary>
    internal async Task RemoveUnstartedAsync(string containerId)
    {
        using var deadline = new CancellationTokenSource(BackgroundWork.CleanUpDeadline);
        try
        {
            await RemoveAsync(containerId, force: true, remember: false, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException)
        {
            // The original error is the one that the caller needs.
        }
    }

    private async Task<CtrExit> RemoveAsync(string containerId, bool force, bool remember, CancellationToken cancellationToken)
    {
        var init = ns.Init(containerId);
        WireTypes.Process process;
        try
        {
            process = await init.GetToEndAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (CtrNotFoundException e) when (force && e.ErrorId == ErrorIds.TaskNotFound)
        {
            if (await shim.EndAsync(containerId, cancellationToken).ConfigureAwait(false))
                return ns.Stamp(new CtrExit { ContainerId = containerId });
            throw;
        }

        CtrExit? exit = null;
        if (process.Status != WireTypes.Status.Stopped)
        {
            if (!force)
                throw ProcessErrors.TaskRunning(ns.TaskRecords.FromWire(process));
            if (process.Pid != 0)
                exit = await stop.StopAsync(containerId, TimeSpan.Zero, CtrSignal.Kill.Number, cancellationToken).ConfigureAwait(false);
        }

        var killed =
            exit is null && remember && process.Status == WireTypes.Status.Stopped
                ? await oom.OfTaskAsync(containerId, unchecked((int)process.ExitStatus)).ConfigureAwait(false)
                : exit?.OomKilled;
        // From here on a caller that gives up would lose how it ended.
        cancellationToken.ThrowIfCancellationRequested();
        exit = Ended(process, exit, await DeleteAsync(init, process, CancellationToken.None).ConfigureAwait(false));
        exit.OomKilled = exit.ExitCode is null ? null : killed;
        oom.Forget(containerId);
        logs.Removal.CloseInputs(process.Stdin);
        // A task that never started has no exit, and the exit of the last one is kept.
        if (remember && process.Status != WireTypes.Status.Created)
            await ns.ContainerRecords.RememberExitAsync(exit, CancellationToken.None).ConfigureAwait(false);
        return exit;
    }

    /// <summary>Deletes a task.</summary>
    /// <returns>The daemon's answer, with its exit; null where its shim died meanwhile, and the daemon has deleted it itself.</returns>
    private static async Task<WireTasks.DeleteResponse?> DeleteAsync(
        InitProcess init,
        WireTypes.Process process,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await init.DeleteAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (CtrNotFoundException e) when (process.Status == WireTypes.Status.Stopped && e.InnerException is CtrRuntimeException)
        {
            return null;
        }
    }

    /// <summary>
    /// The exit of a deleted task. Data from before its deletion takes precedence: when a shim dies, the daemon deletes the task itself and
    /// invents an exit code.
    /// </summary>
    private CtrExit Ended(WireTypes.Process before, CtrExit? stopped, WireTasks.DeleteResponse? reply)
    {
        var exit = ns.Stamp(new CtrExit { ContainerId = before.Id, Pid = (int)before.Pid });
        switch (before.Status)
        {
            // The user's program never ran.
            case WireTypes.Status.Created:
                break;
            case WireTypes.Status.Stopped when before.ExitedAt.Local() is not null:
                (exit.ExitCode, exit.ExitedAt) = (unchecked((int)before.ExitStatus), before.ExitedAt.Local());
                break;
            default:
                if (stopped is { ExitCode: not null })
                    (exit.ExitCode, exit.ExitedAt) = (stopped.ExitCode, stopped.ExitedAt);
                else if (reply is not null && before.Status != WireTypes.Status.Unknown)
                    (exit.ExitCode, exit.ExitedAt) = (unchecked((int)reply.ExitStatus), reply.ExitedAt.Local());
                break;
        }

        return exit;
    }
}
