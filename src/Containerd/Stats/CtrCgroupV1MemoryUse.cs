namespace Containerd;

/// <summary>One kind of memory on cgroup v1: how much there is, was, and may be.</summary>
public sealed class CtrCgroupV1MemoryUse
{
    /// <summary>In use, in bytes (usage).</summary>
    public long? Usage { get; set; }

    /// <summary>The most that may be in use, in bytes; null if there is no limit (limit).</summary>
    public long? Limit { get; set; }

    /// <summary>Whether there is no limit.</summary>
    public bool IsUnlimited { get; set; }

    /// <summary>The most that ever was in use, in bytes (max).</summary>
    public long? Max { get; set; }

    /// <summary>How often the limit was hit (failcnt).</summary>
    public long FailCount { get; set; }
}
