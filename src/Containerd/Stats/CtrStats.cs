namespace Containerd;

/// <summary>
/// What a task used, at one moment: figures as people read them, and below them the metrics as its shim sent them (Tasks.Metrics). What the
/// host does
/// not measure is null.
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
    /// <summary>When it was read, local time (types.Metric timestamp).</summary>
    public DateTime Timestamp { get; set; }

    /// <summary>The task's init process on the daemon's host.</summary>
    public int Pid { get; set; }

    /// <summary>
    /// Processor time between <see cref="Interval"/>'s two readings, in percent of one processor: 200 is two processors at work. Null after
    /// one reading.
    /// </summary>
    public double? CpuPercent { get; set; }

    /// <summary>How far apart the two readings were that <see cref="CpuPercent"/> is about; null after one reading.</summary>
    public TimeSpan? Interval { get; set; }

    /// <summary>
    /// Processor time since the task was made (v1 cpu.usage.total, v2 cpu.usage_usec, Windows processor.total_runtime_ns).
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
    /// Memory that cannot be taken back easily, in bytes, as Kubernetes counts it: on Linux the same as <see cref="MemoryUsed"/>, on
    /// Windows the private working set.
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

    /// <summary>The most processes and threads that may be (pids.limit); null for no limit.</summary>
    public long? PidsLimit { get; set; }

    /// <summary>
    /// Read from block devices since the task was made, in bytes (v1 blkio, v2 io, Windows storage); null where the kernel does not count
    /// it.
    /// </summary>
    public long? BlockRead { get; set; }

    /// <summary>Written to block devices since the task was made, in bytes; null where the kernel does not count it.</summary>
    public long? BlockWrite { get; set; }

    /// <summary>
    /// Received in the task's network namespace, without the loopback interface, in bytes; null where it cannot be read, and for a task in
    /// the host's network.
    /// </summary>
    public long? NetworkRx { get; set; }

    /// <summary>
    /// Sent in the task's network namespace, without the loopback interface, in bytes; null as <see cref="NetworkRx"/> is.
    /// </summary>
    public long? NetworkTx { get; set; }

    /// <summary>
    /// The interfaces of the task's network namespace, without the loopback interface; null as <see cref="NetworkRx"/> is.
    /// </summary>
    public CtrNetworkStats[]? Networks { get; set; }

    /// <summary>The metrics as they came, on a host with cgroup v1; else null.</summary>
    public CtrCgroupV1Stats? CgroupV1 { get; set; }

    /// <summary>The metrics as they came, on a host with cgroup v2; else null.</summary>
    public CtrCgroupV2Stats? CgroupV2 { get; set; }

    /// <summary>The metrics as they came, on a Windows host; else null.</summary>
    public CtrWindowsStats? Windows { get; set; }

    /// <summary>The container's id.</summary>
    /// <returns>The id, which every cmdlet takes in the object's place.</returns>
    public override string ToString() => ContainerId;
}
