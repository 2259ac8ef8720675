namespace Containerd;

/// <summary>
/// The resource usage of a task at one moment: readable figures, followed by the metrics as its shim sent them (Tasks.Metrics). Figures
/// that the host does not measure are null.
/// </summary>
[PipelineObject(
    nameof(ContainerId),
    nameof(CpuPercent),
    nameof(MemoryUsed),
    nameof(MemoryPercent),
    nameof(Pids),
    nameof(BlockRead),
    nameof(NetworkRx),
    Depth = 6
)]
public sealed class CtrStats : CtrContainerObject
{
    /// <summary>The time of the reading, in local time (types.Metric timestamp).</summary>
    public DateTime Timestamp { get; set; }

    /// <summary>The task's init process on the daemon's host.</summary>
    public int Pid { get; set; }

    /// <summary>
    /// The processor time between the two readings of <see cref="Interval"/>, in percent of one processor: 200 means two fully used
    /// processors. Null after a single reading.
    /// </summary>
    public double? CpuPercent { get; set; }

    /// <summary>The time between the two readings for <see cref="CpuPercent"/>; null after a single reading.</summary>
    public TimeSpan? Interval { get; set; }

    /// <summary>
    /// Processor time since the task was created (v1 cpu.usage.total, v2 cpu.usage_usec, Windows processor.total_runtime_ns).
    /// </summary>
    public TimeSpan? CpuTime { get; set; }

    /// <summary>
    /// Memory in use as Docker counts it, in bytes: without the inactive page cache (v1 usage - total_inactive_file, v2 usage -
    /// inactive_file, Windows private working set).
    /// </summary>
    public long? MemoryUsed { get; set; }

    /// <summary>Memory in use, the page cache included, in bytes (v1 and v2 usage, Windows commit).</summary>
    public long? MemoryUsage { get; set; }

    /// <summary>
    /// Memory that cannot easily be reclaimed, in bytes, as Kubernetes counts it: on Linux the same as <see cref="MemoryUsed"/>, on Windows
    /// the private working set.
    /// </summary>
    public long? WorkingSet { get; set; }

    /// <summary>
    /// The memory limit of the task, in bytes; null if it was not measured or there is no limit (<see cref="IsMemoryUnlimited"/>).
    /// </summary>
    public long? MemoryLimit { get; set; }

    /// <summary>Whether the task has no memory limit of its own: <see cref="HostMemory"/> is then all it can use.</summary>
    public bool IsMemoryUnlimited { get; set; }

    /// <summary>The memory of the daemon's host, in bytes; null if the daemon does not run on this machine.</summary>
    public long? HostMemory { get; set; }

    /// <summary>
    /// <see cref="MemoryUsed"/> in percent of the memory that the task can use: the smaller of <see cref="MemoryLimit"/> and <see
    /// cref="HostMemory"/>.
    /// </summary>
    public double? MemoryPercent { get; set; }

    /// <summary>Processes and threads (v1 and v2 pids.current).</summary>
    public long? Pids { get; set; }

    /// <summary>The maximum number of processes and threads (pids.limit); null for no limit.</summary>
    public long? PidsLimit { get; set; }

    /// <summary>
    /// The bytes read from block devices since the task was created (v1 blkio, v2 io, Windows storage); null if the kernel does not count
    /// them.
    /// </summary>
    public long? BlockRead { get; set; }

    /// <summary>The bytes written to block devices since the task was created; null if the kernel does not count them.</summary>
    public long? BlockWrite { get; set; }

    /// <summary>
    /// The bytes received in the task's network namespace, without the loopback interface; null if it cannot be read, and for a task in the
    /// host's network.
    /// </summary>
    public long? NetworkRx { get; set; }

    /// <summary>
    /// The bytes sent in the task's network namespace, without the loopback interface; null under the same conditions as <see
    /// cref="NetworkRx"/>.
    /// </summary>
    public long? NetworkTx { get; set; }

    /// <summary>
    /// The interfaces of the task's network namespace, without the loopback interface; null under the same conditions as <see
    /// cref="NetworkRx"/>.
    /// </summary>
    public CtrNetworkStats[]? Networks { get; set; }

    /// <summary>The metrics as the shim sent them, on a host with cgroup v1; otherwise null.</summary>
    public CtrCgroupV1Stats? CgroupV1 { get; set; }

    /// <summary>The metrics as the shim sent them, on a host with cgroup v2; otherwise null.</summary>
    public CtrCgroupV2Stats? CgroupV2 { get; set; }

    /// <summary>The metrics as the shim sent them, on a Windows host; otherwise null.</summary>
    public CtrWindowsStats? Windows { get; set; }

    /// <summary>The id of the container.</summary>
    /// <returns>The id, which every cmdlet accepts instead of the object.</returns>
    public override string ToString() => ContainerId;
}
