namespace Containerd;

/// <summary>The usage and the limit of one kind of memory on cgroup v1.</summary>
public sealed class CtrCgroupV1MemoryUse
{
    /// <summary>In use, in bytes (usage).</summary>
    public long? Usage { get; set; }

    /// <summary>The limit, in bytes; null if there is no limit (limit).</summary>
    public long? Limit { get; set; }

    /// <summary>Whether there is no limit.</summary>
    public bool IsUnlimited { get; set; }

    /// <summary>The highest usage so far, in bytes (max).</summary>
    public long? Max { get; set; }

    /// <summary>How often the limit was hit (failcnt).</summary>
    public long FailCount { get; set; }
}
