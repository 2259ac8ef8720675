namespace Containerd;

/// <summary>The number of processes of a task in each state (taskstats).</summary>
public sealed class CtrCgroupV1Processes
{
    /// <summary>Asleep (nr_sleeping).</summary>
    public long Sleeping { get; set; }

    /// <summary>Running or ready to run (nr_running).</summary>
    public long Running { get; set; }

    /// <summary>Stopped by a signal or a debugger (nr_stopped).</summary>
    public long Stopped { get; set; }

    /// <summary>In uninterruptible sleep (nr_uninterruptible).</summary>
    public long Uninterruptible { get; set; }

    /// <summary>Waiting for a device (nr_io_wait).</summary>
    public long IOWait { get; set; }
}
