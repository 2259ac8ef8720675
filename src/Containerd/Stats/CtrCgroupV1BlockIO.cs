namespace Containerd;

/// <summary>
/// Block I/O of a task on cgroup v1, including child cgroups (blkio controller). Many kernels count only on devices that have a throttle.
/// </summary>
[PipelineObject(Depth = 6)]
public sealed class CtrCgroupV1BlockIO
{
    /// <summary>Bytes, by device and operation (io_service_bytes_recursive).</summary>
    public CtrCgroupV1BlockIOEntry[] ServiceBytes { get; set; } = [];

    /// <summary>Operations, by device and operation (io_serviced_recursive).</summary>
    public CtrCgroupV1BlockIOEntry[] Serviced { get; set; } = [];

    /// <summary>Operations that wait, by device and operation (io_queued_recursive).</summary>
    public CtrCgroupV1BlockIOEntry[] Queued { get; set; } = [];

    /// <summary>Nanoseconds that operations took, by device and operation (io_service_time_recursive).</summary>
    public CtrCgroupV1BlockIOEntry[] ServiceTime { get; set; } = [];

    /// <summary>Nanoseconds that operations waited, by device and operation (io_wait_time_recursive).</summary>
    public CtrCgroupV1BlockIOEntry[] WaitTime { get; set; } = [];

    /// <summary>Operations that were merged into others, by device and operation (io_merged_recursive).</summary>
    public CtrCgroupV1BlockIOEntry[] Merged { get; set; } = [];

    /// <summary>Milliseconds that a device was given, by device and operation (io_time_recursive).</summary>
    public CtrCgroupV1BlockIOEntry[] Time { get; set; } = [];

    /// <summary>Sectors, by device and operation (sectors_recursive).</summary>
    public CtrCgroupV1BlockIOEntry[] Sectors { get; set; } = [];
}
