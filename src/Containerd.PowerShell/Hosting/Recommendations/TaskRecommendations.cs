namespace Containerd.PowerShell;

/// <summary>What to do about errors of tasks and execs.</summary>
internal static class TaskRecommendations
{
    internal static readonly Dictionary<string, Func<CtrException, string>> ById = new(StringComparer.Ordinal)
    {
        [ErrorIds.ExecExists] = _ => "Choose another -ExecId.",
        [ErrorIds.ExecNotStarted] = _ => "Create another exec with Invoke-CtrExec. If the start failed, its error shows the reason.",
        [ErrorIds.ExecRunning] = _ => "Wait until it exits with Wait-CtrTask, or use -Force, which kills it.",
        [ErrorIds.ExecStarted] = _ => "An exec runs once: create another one with Invoke-CtrExec.",
        [ErrorIds.HealthNotConfigured] = _ => "Wait for a line of its log with -LogPattern, or for an open port with -Port.",
        [ErrorIds.NoStdin + ".WithStdin"] = _ => "Start it with a standard input: -WithStdin.",
        [ErrorIds.NoTerminal + ".Tty"] = _ => "Start it with a terminal: -Tty.",
        [ErrorIds.ReadinessTimedOut] = e => $"Check its log with Get-CtrLog {e.Subject}, or wait longer.",
        [ErrorIds.ReadinessTimedOut + ".CheckHealth"] = _ =>
            "containerd checks no health by itself: run a program that does, or wait longer.",
        [ErrorIds.StreamsNotKnown] = e =>
            $"Use Stop-CtrTask {e.Subject}; Start-CtrTask {e.Subject}, with options such as -LogFormat, -LogPath or -NoLog.",
        [ErrorIds.TaskCreated] = e =>
            $"Start it without options for its streams, or remove it first with Remove-CtrTask {e.Subject} -Force.",
        [ErrorIds.TaskExists + ".Remove"] = e => $"Remove the old task with Remove-CtrTask {e.Subject} -Force, and then start it again.",
        [ErrorIds.TaskExists + ".RemoveShim"] = e =>
            $"If no other client is starting it, end the shim with Remove-CtrTask {e.Subject} -Force.",
        [ErrorIds.TaskExists + ".Start"] = e => $"Start that task with Start-CtrTask {e.Subject}.",
        [ErrorIds.TaskExists + ".Stop"] = e => $"Stop that task first with Stop-CtrTask {e.Subject}.",
        [ErrorIds.TaskExited] = e => $"Get-CtrLog {e.Subject} shows the reason.",
        [ErrorIds.TaskNotFound + ".ChangeSpec"] = e =>
            $"Change the spec, with which its next task starts: Set-CtrContainer {e.Subject} -Spec.",
        [ErrorIds.TaskNotFound + ".Start"] = e => $"Start the task with Start-CtrTask {e.Subject}.",
        [ErrorIds.TaskNotRunning] = e => $"Start it with Start-CtrTask {e.Subject}; Get-CtrTask shows the state.",
        [ErrorIds.TaskPaused] = e => $"Resume it with Resume-CtrTask {e.Subject}.",
        [ErrorIds.TaskRunning] = e => $"Stop it first with Stop-CtrTask {e.Subject}, or use -Force, which kills it.",
    };
}
