using System.Globalization;
using WireTypes = Containerd.Client.Wire.Types;

namespace Containerd.Client.Records;

/// <summary>The errors about the state that a task or an exec is in.</summary>
internal static class ProcessErrors
{
    /// <summary>There is no task, and the caller wants to stop one: advice to start one would be wrong.</summary>
    internal static CtrNotFoundException NothingToEnd(string containerId) =>
        new($"Container '{containerId}' has no task.")
        {
            ErrorId = ErrorIds.TaskNotFound,
            Subject = containerId,
            Remedy = "Nothing runs in it, so there is nothing to signal, stop or remove.",
        };

    /// <summary>There is no task, and the caller wants to change its limits.</summary>
    internal static CtrNotFoundException NothingToUpdate(string containerId) =>
        new($"Container '{containerId}' has no task.")
        {
            ErrorId = ErrorIds.TaskNotFound,
            Subject = containerId,
            RemedyId = "ChangeSpec",
            Remedy = "Change the container's spec, with which its next task starts.",
        };

    /// <summary>The task is paused, but must be running.</summary>
    internal static CtrConflictException Paused(CtrTask task, bool already) =>
        new($"Container '{task.ContainerId}' is {(already ? "already " : "")}paused.")
        {
            ErrorId = ErrorIds.TaskPaused,
            Subject = task.ContainerId,
            Remedy = "Resume it first.",
        };

    /// <summary>The task is not paused, and the caller wants to resume it.</summary>
    internal static CtrConflictException NotPaused(CtrTask task) =>
        new($"Container '{task.ContainerId}' runs: there is nothing to resume.")
        {
            ErrorId = ErrorIds.TaskNotPaused,
            Subject = task.ContainerId,
        };

    /// <summary>The task is not running, but must be.</summary>
    internal static CtrConflictException NotRunning(CtrTask task) =>
        new($"Container '{task.ContainerId}' is not running: its task is {task.Status.ToString().ToLowerInvariant()}.")
        {
            ErrorId = ErrorIds.TaskNotRunning,
            Subject = task.ContainerId,
            Remedy = "Start its task first.",
        };

    /// <summary>The container has a task, and the caller wants to create one.</summary>
    internal static CtrConflictException TaskExists(CtrTask task, Exception? cause = null) =>
        new($"Container '{task.ContainerId}' already has a task: {Describe(task)}.", cause)
        {
            ErrorId = ErrorIds.TaskExists,
            Subject = task.ContainerId,
            RemedyId = task.Status == CtrStatus.Created ? "Start" : "Stop",
            Remedy = task.Status == CtrStatus.Created ? "Start that task." : "Stop that task first.",
        };

    /// <summary>The container has a shim without a task, so no task can be created.</summary>
    internal static CtrConflictException ShimWithoutTask(string containerId, Exception cause) =>
        new(
            $"Container '{containerId}' has a shim but no task: either another client is creating the task now, or containerd "
                + "stopped while creating it and left the shim behind.",
            cause
        )
        {
            ErrorId = ErrorIds.TaskExists,
            Subject = containerId,
            RemedyId = "RemoveShim",
            Remedy = "If no other client is starting it, end the shim: force the removal of the task.",
        };

    /// <summary>The task was created with streams, and the caller chooses others.</summary>
    internal static CtrConflictException StreamsChosen(string containerId) =>
        new($"The task of container '{containerId}' has already been created, and its streams cannot be changed.")
        {
            ErrorId = ErrorIds.TaskCreated,
            Subject = containerId,
            Remedy = "Start it without stream options, or remove it first.",
        };

    /// <summary>The process of a created task ended before the task was started.</summary>
    internal static CtrRuntimeException DiedBeforeStart(WireTypes.Process state, string containerId, Exception cause)
    {
        var code =
            state.Status == WireTypes.Status.Stopped
                ? string.Create(CultureInfo.InvariantCulture, $" with exit code {unchecked((int)state.ExitStatus)}")
                : "";
        return new CtrRuntimeException($"The process of container '{containerId}' ended{code} before it was started.", cause)
        {
            ErrorId = ErrorIds.TaskDiedBeforeStart,
            Subject = containerId,
            Remedy = "Find out what killed it, such as a memory limit that is too low or a hook of the spec, and start it again.",
        };
    }

    /// <summary>The task has not exited, and its removal was not forced.</summary>
    internal static CtrConflictException TaskRunning(CtrTask task) =>
        new($"The task of container '{task.ContainerId}' has not exited: {Describe(task)}.")
        {
            ErrorId = ErrorIds.TaskRunning,
            Subject = task.ContainerId,
            Remedy = "Stop it first, or force its removal, which kills it.",
        };

    /// <summary>The exec still runs, and its removal was not forced.</summary>
    internal static CtrConflictException ExecRunning(ExecProcess exec, uint pid) =>
        new($"The exec '{exec.Name}' is still running (pid {pid}).")
        {
            ErrorId = ErrorIds.ExecRunning,
            Subject = exec.ExecId,
            Remedy = "Wait until it exits, or force its removal, which kills it.",
        };

    /// <summary>The exec was started before.</summary>
    internal static CtrConflictException ExecStarted(ExecProcess exec) =>
        new($"The exec '{exec.Name}' has already been started.")
        {
            ErrorId = ErrorIds.ExecStarted,
            Subject = exec.ExecId,
            Remedy = "An exec runs once: create another one.",
        };

    /// <summary>The exec was removed, or could not be started, while a caller waited for its exit.</summary>
    internal static CtrNotFoundException NeverStarted(ExecProcess exec) =>
        new($"The exec '{exec.Name}' was never started: its start failed, or it was removed.")
        {
            ErrorId = ErrorIds.ExecNotStarted,
            Subject = exec.ExecId,
            Remedy = "Create another exec. If the start failed, its error shows the reason.",
        };

    /// <summary>The process has exited, so that there is nothing to signal.</summary>
    internal static CtrConflictException NothingToSignal(ContainerProcess process) =>
        new($"{process.Subject} has exited, so there is no process to signal.")
        {
            ErrorId = process is ExecProcess ? ErrorIds.ExecNotRunning : ErrorIds.TaskNotRunning,
            Subject = process.ContainerId,
        };

    /// <summary>The process has ended, or an exec's has not started, and the caller needs its streams.</summary>
    internal static CtrConflictException NotLive(ContainerProcess process, bool ended) =>
        new($"{process.Subject} {(ended ? "has ended" : "has not been started")}.")
        {
            ErrorId = process is ExecProcess ? ErrorIds.ExecNotRunning : ErrorIds.TaskNotRunning,
            Subject = process.ContainerId,
        };

    /// <summary>The process has no terminal.</summary>
    internal static CtrArgumentException NoTerminal(ContainerProcess process) =>
        new($"{process.Subject} has no terminal.")
        {
            ErrorId = ErrorIds.NoTerminal,
            Subject = process.ContainerId,
            RemedyId = "Tty",
            Remedy = "Start it with a terminal.",
        };

    /// <summary>The spec gives the container's process no terminal.</summary>
    internal static CtrArgumentException NoTerminalInSpec(string containerId) =>
        new($"The spec of container '{containerId}' does not give its process a terminal.")
        {
            ErrorId = ErrorIds.NoTerminal,
            Subject = containerId,
            Remedy = "Set Process.Terminal of the spec.",
        };

    /// <summary>The process has no standard input.</summary>
    internal static CtrArgumentException NoInput(ContainerProcess process) =>
        new($"{process.Subject} has no standard input.")
        {
            ErrorId = ErrorIds.NoStdin,
            Subject = process.ContainerId,
            RemedyId = "WithStdin",
            Remedy = "Start it with a standard input.",
        };

    /// <summary>The process reads its standard input from a file of another machine.</summary>
    internal static CtrArgumentException InputElsewhere(ContainerProcess process, string path) =>
        new($"{process.Subject} reads from '{path}', which is not on this machine.")
        {
            ErrorId = ErrorIds.NoStdin,
            Subject = process.ContainerId,
        };

    /// <summary>The standard input of the process was closed.</summary>
    internal static CtrConflictException InputClosed(ContainerProcess process, IOException? cause) =>
        new($"{process.Subject} no longer reads input: its standard input was closed.", cause)
        {
            ErrorId = ErrorIds.StdinClosed,
            Subject = process.ContainerId,
        };

    private static string Describe(CtrTask task) =>
        string.Create(CultureInfo.InvariantCulture, $"{task.Status.ToString().ToLowerInvariant()}, pid {task.Pid}");
}
