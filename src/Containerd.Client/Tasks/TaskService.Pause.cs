namespace Containerd.Client;

public sealed partial class TaskService
{
    /// <summary>Freezes all processes of a running task (Tasks.Pause).</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The paused task.</returns>
    /// <exception cref="CtrConflictException">It is paused already (TaskPaused), or does not run (TaskNotRunning).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrTask> PauseAsync(string containerId, CancellationToken cancellation = default)
    {
        RequireUnpaused(await GetAsync(containerId, cancellation).ConfigureAwait(false));
        try
        {
            await _rpc.Stub.PauseAsync(new() { ContainerId = containerId }, cancellationToken: cancellation).About(Resource.Task, containerId).ConfigureAwait(false);
        }
        catch (CtrException e) when (e is CtrRuntimeException or CtrConflictException)
        {
            // Of the state runtimes speak in texts of their own; it may have changed since it was read.
            RequireUnpaused(await GetAsync(containerId, cancellation).ConfigureAwait(false));
            throw;
        }

        return await GetAsync(containerId, cancellation).ConfigureAwait(false);
    }

    /// <summary>Lets a paused task go on (Tasks.Resume).</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The running task.</returns>
    /// <exception cref="CtrConflictException">It is not paused (TaskNotPaused), or does not run (TaskNotRunning).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrTask> ResumeAsync(string containerId, CancellationToken cancellation = default)
    {
        RequirePaused(await GetAsync(containerId, cancellation).ConfigureAwait(false));
        try
        {
            await _rpc.Stub.ResumeAsync(new() { ContainerId = containerId }, cancellationToken: cancellation).About(Resource.Task, containerId).ConfigureAwait(false);
        }
        catch (CtrException e) when (e is CtrRuntimeException or CtrConflictException)
        {
            RequirePaused(await GetAsync(containerId, cancellation).ConfigureAwait(false));
            throw;
        }

        return await GetAsync(containerId, cancellation).ConfigureAwait(false);
    }

    private static void RequireUnpaused(CtrTask task)
    {
        RequireStarted(task);
        if (task.Status is CtrStatus.Paused or CtrStatus.Pausing)
        {
            throw new CtrConflictException($"Container '{task.ContainerId}' is paused already.")
            {
                ErrorId = "TaskPaused",
                Subject = task.ContainerId,
                Remedy = $"Resume it with Resume-CtrTask {task.ContainerId}.",
            };
        }
    }

    private static void RequirePaused(CtrTask task)
    {
        RequireStarted(task);
        if (task.Status is CtrStatus.Running)
        {
            throw new CtrConflictException($"Container '{task.ContainerId}' runs: there is nothing to resume.")
            {
                ErrorId = "TaskNotPaused",
                Subject = task.ContainerId,
            };
        }
    }

    private static void RequireStarted(CtrTask task)
    {
        if (task.Status is CtrStatus.Created or CtrStatus.Stopped)
            throw NotRunning(task);
    }

    private static CtrConflictException NotRunning(CtrTask task) => new($"Container '{task.ContainerId}' is not running: its task is {task.Status.ToString().ToLowerInvariant()}.")
    {
        ErrorId = "TaskNotRunning",
        Subject = task.ContainerId,
        Remedy = $"Start it with Start-CtrTask {task.ContainerId}.",
    };
}
