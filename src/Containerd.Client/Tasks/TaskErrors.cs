namespace Containerd.Client;

/// <summary>Errors about the state that a task is in.</summary>
internal static class TaskErrors
{
    internal static CtrConflictException NotRunning(CtrTask task) => new($"Container '{task.ContainerId}' is not running: its task is {task.Status.ToString().ToLowerInvariant()}.")
    {
        ErrorId = "TaskNotRunning",
        Subject = task.ContainerId,
        Remedy = $"Start it with Start-CtrTask {task.ContainerId}.",
    };
}
