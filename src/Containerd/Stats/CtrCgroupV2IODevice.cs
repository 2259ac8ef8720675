namespace Containerd;

/// <summary>Block I/O of a task on one device, since its control group was created.</summary>
public sealed class CtrCgroupV2IODevice
{
    /// <summary>The device's major number (major).</summary>
    public long Major { get; set; }

    /// <summary>The device's minor number (minor).</summary>
    public long Minor { get; set; }

    /// <summary>Read, in bytes (rbytes).</summary>
    public long? ReadBytes { get; set; }

    /// <summary>Written, in bytes (wbytes).</summary>
    public long? WriteBytes { get; set; }

    /// <summary>Read operations (rios).</summary>
    public long Reads { get; set; }

    /// <summary>Write operations (wios).</summary>
    public long Writes { get; set; }
}
