namespace Containerd;

/// <summary>Processor time of a task on cgroup v2, since its control group was made (cpu.stat).</summary>
[PipelineObject(Depth = 6)]
public sealed class CtrCgroupV2Cpu
{
    /// <summary>Time on all processors (usage_usec, microseconds there).</summary>
    public TimeSpan Usage { get; set; }

    /// <summary>Time in user mode (user_usec).</summary>
    public TimeSpan User { get; set; }

    /// <summary>Time in the kernel (system_usec).</summary>
    public TimeSpan System { get; set; }

    /// <summary>Elapsed periods of the quota (nr_periods).</summary>
    public long Periods { get; set; }

    /// <summary>Periods in which the quota was used up (nr_throttled).</summary>
    public long ThrottledPeriods { get; set; }

    /// <summary>Time that was spent waiting for the next period (throttled_usec).</summary>
    public TimeSpan ThrottledTime { get; set; }

    /// <summary>How long processes waited for a processor (psi); null if it is not measured.</summary>
    public CtrPressure? Pressure { get; set; }
}
