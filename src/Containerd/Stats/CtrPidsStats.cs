namespace Containerd;

/// <summary>How many processes and threads a task has (pids controller).</summary>
public sealed class CtrPidsStats
{
    /// <summary>Processes and threads now (current).</summary>
    public long Current { get; set; }

    /// <summary>The most that may be (limit); null for no limit.</summary>
    public long? Limit { get; set; }
}
