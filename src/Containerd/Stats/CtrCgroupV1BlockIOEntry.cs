namespace Containerd;

/// <summary>One number of the blkio controller.</summary>
public sealed class CtrCgroupV1BlockIOEntry
{
    /// <summary>Read, Write, Sync, Async, Discard or Total (op).</summary>
    public string Operation { get; set; } = "";

    /// <summary>The device's path; empty when it is not known (device).</summary>
    public string Device { get; set; } = "";

    /// <summary>The device's major number (major).</summary>
    public long Major { get; set; }

    /// <summary>The device's minor number (minor).</summary>
    public long Minor { get; set; }

    /// <summary>The number, in the unit of the property that it stands in (value).</summary>
    public long Value { get; set; }
}
