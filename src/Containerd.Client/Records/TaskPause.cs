using Containerd.Client.Transport;

namespace Containerd.Client.Records;

/// <summary>Pauses and resumes tasks (Tasks.Pause, Tasks.Resume).</summary>
internal sealed class TaskPause(RecordScope ns)
{
    /// <summary>Freezes all processes of a running task (Tasks.Pause).</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The paused task.</returns>
    /// <exception cref="CtrConflictException">It is already paused (TaskPaused), or is not running (TaskNotRunning).</exception>
    internal async Task<CtrTask> PauseAsync(string containerId, CancellationToken cancellationToken)
    {
        RequireUnpaused(await ns.TaskRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false));
        await RequireKeptAsync(containerId, cancellationToken).ConfigureAwait(false);
        try
        {
            await ns
                .TaskRecords.Stub.PauseAsync(new() { ContainerId = containerId }, cancellationToken: cancellationToken)
                .TranslateErrors(Resource.Task, containerId)
                .ConfigureAwait(false);
        }
        catch (CtrException e) when (e is CtrRuntimeException or CtrConflictException)
        {
            // Runtimes report the state with their own messages; it may have changed since it was read.
            RequireUnpaused(await ns.TaskRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false));
            throw;
        }

        return await ns.TaskRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Resumes a paused task (Tasks.Resume).</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The running task.</returns>
    /// <exception cref="CtrConflictException">It is not paused (TaskNotPaused), or is not running (TaskNotRunning).</exception>
    internal async Task<CtrTask> ResumeAsync(string containerId, CancellationToken cancellationToken)
    {
        RequirePaused(await ns.TaskRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false));
        try
        {
            await ns
                .TaskRecords.Stub.ResumeAsync(new() { ContainerId = containerId }, cancellationToken: cancellationToken)
                .TranslateErrors(Resource.Task, containerId)
                .ConfigureAwait(false);
        }
        catch (CtrException e) when (e is CtrRuntimeException or CtrConflictException)
        {
            RequirePaused(await ns.TaskRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false));
            throw;
        }

        return await ns.TaskRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether the daemon's restart monitor kills paused tasks of its containers, and starts them again.</summary>
    internal static bool IsEndedByMonitor(RecordScope ns) => !DaemonVersion.IsAtLeast(ns.Connection.Session.Version, 2);

    private async Task RequireKeptAsync(string containerId, CancellationToken cancellationToken)
    {
        if (IsEndedByMonitor(ns) && await RestartHold.IsMonitoredAsync(ns, containerId, cancellationToken).ConfigureAwait(false))
            throw new CtrNotSupportedException(
                $"Container '{containerId}' is kept running by containerd's restart monitor, which kills paused tasks before version 2.0."
            )
            {
                ErrorId = ErrorIds.PauseNotSupported,
                Subject = containerId,
                Remedy = "Stop it, or remove its restart policy.",
            };
    }

    private static void RequireUnpaused(CtrTask task)
    {
        RequireStarted(task);
        if (task.Status is CtrStatus.Paused or CtrStatus.Pausing)
            throw ProcessErrors.Paused(task, already: true);
    }

    private static void RequirePaused(CtrTask task)
    {
        RequireStarted(task);
        if (task.Status is CtrStatus.Running)
            throw ProcessErrors.NotPaused(task);
    }

    private static void RequireStarted(CtrTask task)
    {
        if (task.Status is CtrStatus.Created or CtrStatus.Stopped)
            throw ProcessErrors.NotRunning(task);
    }
}
