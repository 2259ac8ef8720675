namespace Containerd;

/// <summary>How many processes of a task were doing what (taskstats).</summary>
public sealed class CtrCgroupV1Processes
{
    /// <summary>Asleep (nr_sleeping).</summary>
    public long Sleeping { get; set; }

    /// <summary>Running or ready to (nr_running).</summary>
    public long Running { get; set; }

    /// <summary>Stopped by a signal or a debugger (nr_stopped).</summary>
    public long Stopped { get; set; }

    /// <summary>Asleep where no signal wakes them (nr_uninterruptible).</summary>
    public long Uninterruptible { get; set; }

    /// <summary>Waiting for a device (nr_io_wait).</summary>
    public long IOWait { get; set; }
}
