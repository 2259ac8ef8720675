namespace Containerd;

/// <summary>How the kernel handles the task when its memory is exhausted (memory.oom_control).</summary>
public sealed class CtrCgroupV1Oom
{
    /// <summary>Whether processes are paused instead of killed (oom_kill_disable).</summary>
    public bool KillDisabled { get; set; }

    /// <summary>Whether memory is exhausted now (under_oom).</summary>
    public bool UnderOom { get; set; }

    /// <summary>How many processes were killed (oom_kill).</summary>
    public long Kills { get; set; }
}
