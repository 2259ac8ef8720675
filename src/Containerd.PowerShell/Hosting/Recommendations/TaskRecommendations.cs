namespace Containerd.PowerShell;

/// <summary>What to do about errors of tasks and execs.</summary>
internal static class TaskRecommendations
{
    internal static readonly Dictionary<string, Func<CtrException, string>> ById = new(StringComparer.Ordinal)
    {
        ["ExecExists"] = _ => "Choose another -ExecId.",
        ["ExecNotStarted"] = _ => "Create another exec with Invoke-CtrExec. If the start failed, its error shows the reason.",
        ["ExecRunning"] = _ => "Wait until it exits with Wait-CtrTask, or use -Force, which kills it.",
        ["ExecStarted"] = _ => "An exec runs once: create another one with Invoke-CtrExec.",
        ["NoStdin.WithStdin"] = _ => "Start it with a standard input: -WithStdin.",
        ["NoTerminal.Tty"] = _ => "Start it with a terminal: -Tty.",
        ["TaskCreated"] = e => $"Start it without options for its streams, or remove it first with Remove-CtrTask {e.Subject} -Force.",
        ["TaskExists.Remove"] = e => $"Remove the old task with Remove-CtrTask {e.Subject} -Force, and then start it again.",
        ["TaskExists.RemoveShim"] = e => $"If no other client is starting it, end the shim with Remove-CtrTask {e.Subject} -Force.",
        ["TaskExists.Start"] = e => $"Start that task with Start-CtrTask {e.Subject}.",
        ["TaskExists.Stop"] = e => $"Stop that task first with Stop-CtrTask {e.Subject}.",
        ["TaskNotFound.ChangeSpec"] = e => $"Change the spec, with which its next task starts: Set-CtrContainer {e.Subject} -Spec.",
        ["TaskNotFound.Start"] = e => $"Start the task with Start-CtrTask {e.Subject}.",
        ["TaskNotRunning"] = e => $"Start it with Start-CtrTask {e.Subject}; Get-CtrTask shows the state.",
        ["TaskPaused"] = e => $"Resume it with Resume-CtrTask {e.Subject}.",
        ["TaskRunning"] = e => $"Stop it first with Stop-CtrTask {e.Subject}, or use -Force, which kills it.",
    };
}
