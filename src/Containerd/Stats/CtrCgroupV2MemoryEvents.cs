namespace Containerd;

/// <summary>How often each thing happened at the memory limits of a task on cgroup v2 (memory.events).</summary>
public sealed class CtrCgroupV2MemoryEvents
{
    /// <summary>Reclaimed although below its protection (low).</summary>
    public long Low { get; set; }

    /// <summary>Throttled at memory.high (high).</summary>
    public long High { get; set; }

    /// <summary>About to go over memory.max (max).</summary>
    public long Max { get; set; }

    /// <summary>Found nothing to reclaim at memory.max (oom).</summary>
    public long Oom { get; set; }

    /// <summary>A process was killed (oom_kill).</summary>
    public long OomKill { get; set; }
}
