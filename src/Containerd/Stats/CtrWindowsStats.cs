namespace Containerd;

/// <summary>
/// The metrics of a task of the runhcs shim of Windows (containerd.runhcs.stats.v1.Statistics). For a Linux container in a utility VM,
/// CtrStats.CgroupV1 contains the metrics of the container itself.
/// </summary>
[PipelineObject(Depth = 6)]
public sealed class CtrWindowsStats
{
    /// <summary>When they were read, in local time (windows.timestamp).</summary>
    public DateTime? Timestamp { get; set; }

    /// <summary>When the container started, in local time (windows.container_start_time).</summary>
    public DateTime? StartedAt { get; set; }

    /// <summary>How long it has run (windows.uptime_ns, nanoseconds there).</summary>
    public TimeSpan Uptime { get; set; }

    /// <summary>Processor time (windows.processor).</summary>
    public CtrWindowsCpu? Cpu { get; set; }

    /// <summary>Memory (windows.memory).</summary>
    public CtrWindowsMemory? Memory { get; set; }

    /// <summary>Storage (windows.storage).</summary>
    public CtrWindowsStorage? Storage { get; set; }

    /// <summary>The utility VM of the container; null if there is none (vm).</summary>
    public CtrWindowsVirtualMachine? VirtualMachine { get; set; }
}
