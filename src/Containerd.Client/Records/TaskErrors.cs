namespace Containerd.Client.Records;

/// <summary>Errors about the state that a task is in.</summary>
internal static class TaskErrors
{
    /// <summary>There is no task, and the caller wants to end one: to start one is no advice.</summary>
    internal static CtrNotFoundException NothingToEnd(string containerId) =>
        new($"Container '{containerId}' has no task.")
        {
            ErrorId = ErrorIds.TaskNotFound,
            Subject = containerId,
            Remedy = "Nothing runs in it, so there is nothing to signal, stop or remove.",
        };

    /// <summary>The task is paused, and the caller needs it to run.</summary>
    internal static CtrConflictException Paused(CtrTask task, bool already) =>
        new($"Container '{task.ContainerId}' is {(already ? "already " : "")}paused.")
        {
            ErrorId = ErrorIds.TaskPaused,
            Subject = task.ContainerId,
            Remedy = "Resume it first.",
        };

    /// <summary>The task does not run, and the caller needs it to.</summary>
    internal static CtrConflictException NotRunning(CtrTask task) =>
        new($"Container '{task.ContainerId}' is not running: its task is {task.Status.ToString().ToLowerInvariant()}.")
        {
            ErrorId = ErrorIds.TaskNotRunning,
            Subject = task.ContainerId,
            Remedy = "Start its task first.",
        };
}
