namespace Containerd;

/// <summary>What the kernel does, and did, when a task's memory is out (memory.oom_control).</summary>
public sealed class CtrCgroupV1Oom
{
    /// <summary>Whether processes are stopped in place of being killed (oom_kill_disable).</summary>
    public bool KillDisabled { get; set; }

    /// <summary>Whether memory is out now (under_oom).</summary>
    public bool UnderOom { get; set; }

    /// <summary>How many processes were killed (oom_kill).</summary>
    public long Kills { get; set; }
}
