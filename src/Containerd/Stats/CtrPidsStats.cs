namespace Containerd;

/// <summary>The processes and threads of a task (pids controller).</summary>
public sealed class CtrPidsStats
{
    /// <summary>Processes and threads now (current).</summary>
    public long Current { get; set; }

    /// <summary>The maximum number of processes and threads (limit); null for no limit.</summary>
    public long? Limit { get; set; }
}
