namespace Containerd;

/// <summary>One kind of memory on cgroup v1: how much there is, was, and may be.</summary>
public sealed class CtrCgroupV1MemoryUse
{
    /// <summary>In use, in bytes (usage).</summary>
    public CtrSize Usage { get; set; }

    /// <summary>The most that may be in use, in bytes; -1 for no limit (limit).</summary>
    public CtrSize Limit { get; set; }

    /// <summary>The most that ever was in use, in bytes (max).</summary>
    public CtrSize Max { get; set; }

    /// <summary>How often the limit was hit (failcnt).</summary>
    public long FailCount { get; set; }
}
