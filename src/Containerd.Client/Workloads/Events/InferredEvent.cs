namespace Containerd.Client.Workloads.Events;

/// <summary>Events that the daemon did not send or that were lost: they are reconstructed from its state.</summary>
internal static class InferredEvent
{
    /// <summary>An event of a process, marked as reconciled.</summary>
    internal static CtrEvent Of(
        CtrEventType type,
        string container,
        string process,
        int pid,
        int? exitCode = null,
        DateTime? exitedAt = null,
        string? error = null
    ) =>
        new()
        {
            Type = type,
            Topic = type switch
            {
                CtrEventType.Exit => "/tasks/exit",
                CtrEventType.Delete => "/tasks/delete",
                CtrEventType.Create => "/tasks/create",
                CtrEventType.ExecAdded => "/tasks/exec-added",
                CtrEventType.ExecStarted => "/tasks/exec-started",
                _ => "/tasks/start",
            },
            Timestamp = DateTime.Now,
            ContainerId = container,
            ProcessId = process,
            Pid = pid,
            ExitCode = exitCode,
            ExitedAt = exitedAt,
            Error = error,
            Reconciled = true,
        };

    /// <summary>The missed event of a process, reconstructed from the state.</summary>
    internal static CtrEvent Next(ProcessReport shown)
    {
        var isInit = shown.ProcessId == shown.ContainerId;
        return shown.Status switch
        {
            CtrStatus.Stopped => Of(CtrEventType.Exit, shown.ContainerId, shown.ProcessId, shown.Pid, shown.ExitCode, shown.ExitedAt),
            CtrStatus.Created => Of(isInit ? CtrEventType.Create : CtrEventType.ExecAdded, shown.ContainerId, shown.ProcessId, shown.Pid),
            _ => Of(isInit ? CtrEventType.Start : CtrEventType.ExecStarted, shown.ContainerId, shown.ProcessId, shown.Pid),
        };
    }
}
