namespace Containerd;

/// <summary>Processor time of a task on cgroup v1, since its control group was created (cpu, cpuacct controllers).</summary>
public sealed class CtrCgroupV1Cpu
{
    /// <summary>Time on all processors (usage.total, nanoseconds there).</summary>
    public TimeSpan Total { get; set; }

    /// <summary>Time in user mode (usage.user).</summary>
    public TimeSpan User { get; set; }

    /// <summary>Time in the kernel (usage.kernel).</summary>
    public TimeSpan Kernel { get; set; }

    /// <summary>Time on each processor (usage.per_cpu).</summary>
    public TimeSpan[] PerCpu { get; set; } = [];

    /// <summary>Elapsed periods of the quota (throttling.periods).</summary>
    public long Periods { get; set; }

    /// <summary>Periods in which the quota was used up (throttling.throttled_periods).</summary>
    public long ThrottledPeriods { get; set; }

    /// <summary>Time that was spent waiting for the next period (throttling.throttled_time, nanoseconds there).</summary>
    public TimeSpan ThrottledTime { get; set; }
}
