namespace Containerd;

/// <summary>The number of events at the memory limits of a task on cgroup v2 (memory.events).</summary>
public sealed class CtrCgroupV2MemoryEvents
{
    /// <summary>Memory was reclaimed although the usage was below its protection (low).</summary>
    public long Low { get; set; }

    /// <summary>Processes were throttled at memory.high (high).</summary>
    public long High { get; set; }

    /// <summary>The usage was about to exceed memory.max (max).</summary>
    public long Max { get; set; }

    /// <summary>Nothing could be reclaimed at memory.max (oom).</summary>
    public long Oom { get; set; }

    /// <summary>A process was killed (oom_kill).</summary>
    public long OomKill { get; set; }
}
