namespace Containerd.Client.Records;

/// <summary>Errors about the state of a task.</summary>
internal static class TaskErrors
{
    /// <summary>There is no task, and the caller wants to stop one: advice to start one would be wrong.</summary>
    internal static CtrNotFoundException NothingToEnd(string containerId) =>
        new($"Container '{containerId}' has no task.")
        {
            ErrorId = "TaskNotFound",
            Subject = containerId,
            Remedy = "Nothing runs in it, so there is nothing to signal, stop or remove.",
        };

    /// <summary>The task is paused, but must be running.</summary>
    internal static CtrConflictException Paused(CtrTask task, bool already) =>
        new($"Container '{task.ContainerId}' is {(already ? "already " : "")}paused.")
        {
            ErrorId = "TaskPaused",
            Subject = task.ContainerId,
            Remedy = "Resume it first.",
        };

    /// <summary>The task is not running, but must be.</summary>
    internal static CtrConflictException NotRunning(CtrTask task) =>
        new($"Container '{task.ContainerId}' is not running: its task is {task.Status.ToString().ToLowerInvariant()}.")
        {
            ErrorId = "TaskNotRunning",
            Subject = task.ContainerId,
            Remedy = "Start its task first.",
        };
}
