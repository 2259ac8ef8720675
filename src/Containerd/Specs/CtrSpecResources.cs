using System.Collections;
using System.Text.Json.Serialization;

namespace Containerd;

/// <summary>
/// The limits of a container's cgroup (OCI runtime spec, config-linux.md, Control groups). Properties that are null leave the setting
/// unchanged.
/// </summary>
[PipelineObject(Depth = 6)]
public sealed class CtrSpecResources : CtrSpecNode
{
    /// <summary>Which devices may be used, in this order: a later rule wins.</summary>
    public CtrSpecDeviceRule[]? Devices { get; set; }

    /// <summary>Memory.</summary>
    public CtrSpecMemory? Memory { get; set; }

    /// <summary>Processor time.</summary>
    public CtrSpecCpu? Cpu { get; set; }

    /// <summary>The number of processes.</summary>
    public CtrSpecPids? Pids { get; set; }

    /// <summary>Block device input and output.</summary>
    [JsonPropertyName("blockIO")]
    public CtrSpecBlockIO? BlockIO { get; set; }

    /// <summary>Huge pages, by their size.</summary>
    public CtrSpecHugepageLimit[]? HugepageLimits { get; set; }

    /// <summary>The marking of network packets (cgroup v1).</summary>
    public CtrSpecNetwork? Network { get; set; }

    /// <summary>RDMA resources, by device.</summary>
    public Dictionary<string, CtrSpecRdma>? Rdma { get; set; }

    /// <summary>Files of the cgroup v2 directory and their values, such as <c>memory.high</c>.</summary>
    public CtrMap? Unified { get; set; }

    /// <summary>Reads limits from JSON.</summary>
    /// <param name="json">The JSON text.</param>
    /// <returns>The limits, with every unknown field kept.</returns>
    /// <exception cref="CtrArgumentException"><c>InvalidSpec</c>: the text is not such an object.</exception>
    public static CtrSpecResources Parse(string json) => CtrSpecJson.Parse<CtrSpecResources>(json);

    /// <summary>Creates limits from nested dictionaries, as <see cref="CtrSpec.FromDictionary"/> does.</summary>
    /// <param name="values">The fields.</param>
    /// <returns>The limits.</returns>
    /// <exception cref="CtrArgumentException"><c>InvalidSpec</c>: a value has the wrong type.</exception>
    public static CtrSpecResources FromDictionary(IDictionary values) => CtrSpecJson.FromDictionary<CtrSpecResources>(values);
}

/// <summary>A rule of the device cgroup (OCI runtime spec, config-linux.md, Allowed Device list).</summary>
public sealed class CtrSpecDeviceRule : CtrSpecNode
{
    /// <summary>Whether it allows or denies.</summary>
    public bool Allow { get; set; }

    /// <summary>The kind: <c>c</c>, <c>b</c>, or <c>a</c> for both; null for both.</summary>
    public string? Type { get; set; }

    /// <summary>The major number; null for any.</summary>
    public long? Major { get; set; }

    /// <summary>The minor number; null for any.</summary>
    public long? Minor { get; set; }

    /// <summary>Any of <c>r</c> (read), <c>w</c> (write) and <c>m</c> (make a node).</summary>
    public string? Access { get; set; }
}

/// <summary>Limits on memory, in bytes (OCI runtime spec, config-linux.md, Memory). -1 means no limit.</summary>
public sealed class CtrSpecMemory : CtrSpecNode
{
    /// <summary>The memory limit, in bytes.</summary>
    public long? Limit { get; set; }

    /// <summary>The soft limit, to which memory is reclaimed when the host runs short of it, in bytes.</summary>
    public long? Reservation { get; set; }

    /// <summary>The limit of memory and swap together, in bytes.</summary>
    public long? Swap { get; set; }

    /// <summary>The limit of kernel memory, in bytes; kernels since 5.11 ignore it.</summary>
    public long? Kernel { get; set; }

    /// <summary>The limit of kernel memory for TCP buffers, in bytes (cgroup v1).</summary>
    [JsonPropertyName("kernelTCP")]
    public long? KernelTcp { get; set; }

    /// <summary>How readily its pages are swapped out, 0 to 100 (cgroup v1).</summary>
    public ulong? Swappiness { get; set; }

    /// <summary>Whether its processes wait instead of being killed when the limit is reached (cgroup v1).</summary>
    [JsonPropertyName("disableOOMKiller")]
    public bool? DisableOomKiller { get; set; }

    /// <summary>Whether child cgroups are included (cgroup v1).</summary>
    public bool? UseHierarchy { get; set; }

    /// <summary>Whether an update to less than the current usage fails instead of killing processes (cgroup v2).</summary>
    public bool? CheckBeforeUpdate { get; set; }
}

/// <summary>Limits on processor time (OCI runtime spec, config-linux.md, CPU).</summary>
public sealed class CtrSpecCpu : CtrSpecNode
{
    /// <summary>The relative weight when processors are busy, 2 to 262144; the kernel's default is 1024.</summary>
    public ulong? Shares { get; set; }

    /// <summary>The processor time in each period, in microseconds over all processors; -1 for no limit.</summary>
    public long? Quota { get; set; }

    /// <summary>The unused quota that can be used later, in microseconds.</summary>
    public ulong? Burst { get; set; }

    /// <summary>The length of a period, in microseconds.</summary>
    public ulong? Period { get; set; }

    /// <summary>The time that realtime processes may run in each realtime period, in microseconds (cgroup v1).</summary>
    public long? RealtimeRuntime { get; set; }

    /// <summary>The length of a realtime period, in microseconds (cgroup v1).</summary>
    public ulong? RealtimePeriod { get; set; }

    /// <summary>The processors that it may run on, such as <c>0-3,8</c>.</summary>
    public string? Cpus { get; set; }

    /// <summary>The memory nodes that it may use, such as <c>0</c>.</summary>
    public string? Mems { get; set; }

    /// <summary>1 to run only when no other process needs the processor, 0 for normal scheduling.</summary>
    public long? Idle { get; set; }
}

/// <summary>The limit on processes and threads (OCI runtime spec, config-linux.md, PIDs).</summary>
public sealed class CtrSpecPids : CtrSpecNode
{
    /// <summary>The maximum number of processes and threads; -1 for no limit.</summary>
    public long? Limit { get; set; }
}

/// <summary>Limits on block device input and output (OCI runtime spec, config-linux.md, Block IO).</summary>
[PipelineObject(Depth = 6)]
public sealed class CtrSpecBlockIO : CtrSpecNode
{
    /// <summary>The relative weight, 10 to 1000.</summary>
    public ushort? Weight { get; set; }

    /// <summary>The relative weight of its own processes against its child cgroups, 10 to 1000 (cgroup v1).</summary>
    public ushort? LeafWeight { get; set; }

    /// <summary>Weights for single devices.</summary>
    public CtrSpecWeightDevice[]? WeightDevice { get; set; }

    /// <summary>The most bytes read in a second, by device.</summary>
    [Heading("ReadBps")]
    public CtrSpecThrottleDevice[]? ThrottleReadBpsDevice { get; set; }

    /// <summary>The most bytes written in a second, by device.</summary>
    [Heading("WriteBps")]
    public CtrSpecThrottleDevice[]? ThrottleWriteBpsDevice { get; set; }

    /// <summary>The maximum number of reads in a second, by device.</summary>
    [JsonPropertyName("throttleReadIOPSDevice")]
    [Heading("ReadIops")]
    public CtrSpecThrottleDevice[]? ThrottleReadIopsDevice { get; set; }

    /// <summary>The maximum number of writes in a second, by device.</summary>
    [JsonPropertyName("throttleWriteIOPSDevice")]
    public CtrSpecThrottleDevice[]? ThrottleWriteIopsDevice { get; set; }
}

/// <summary>The weight of a container at one device (OCI runtime spec, config-linux.md, Block IO, weightDevice).</summary>
public sealed class CtrSpecWeightDevice : CtrSpecNode
{
    /// <summary>The device's major number.</summary>
    public long Major { get; set; }

    /// <summary>The device's minor number.</summary>
    public long Minor { get; set; }

    /// <summary>The weight, 10 to 1000.</summary>
    public ushort? Weight { get; set; }

    /// <summary>The relative weight of its own processes against its child cgroups, 10 to 1000 (cgroup v1).</summary>
    public ushort? LeafWeight { get; set; }
}

/// <summary>A rate limit at one device (OCI runtime spec, config-linux.md, Block IO).</summary>
public sealed class CtrSpecThrottleDevice : CtrSpecNode
{
    /// <summary>The device's major number.</summary>
    public long Major { get; set; }

    /// <summary>The device's minor number.</summary>
    public long Minor { get; set; }

    /// <summary>Bytes or operations in a second.</summary>
    public ulong Rate { get; set; }
}

/// <summary>A limit on huge pages of one size (OCI runtime spec, config-linux.md, Huge page limits).</summary>
public sealed class CtrSpecHugepageLimit : CtrSpecNode
{
    /// <summary>The pages' size, such as <c>2MB</c>.</summary>
    public string PageSize { get; set; } = "";

    /// <summary>The maximum memory in such pages, in bytes.</summary>
    public ulong Limit { get; set; }
}

/// <summary>The marking of network packets, cgroup v1 (OCI runtime spec, config-linux.md, Network).</summary>
[PipelineObject(Depth = 6)]
public sealed class CtrSpecNetwork : CtrSpecNode
{
    /// <summary>The class that the packets carry.</summary>
    [JsonPropertyName("classID")]
    public uint? ClassId { get; set; }

    /// <summary>The packets' priorities, by network interface.</summary>
    public CtrSpecInterfacePriority[]? Priorities { get; set; }
}

/// <summary>The priority of packets on one network interface (OCI runtime spec, config-linux.md, Network).</summary>
public sealed class CtrSpecInterfacePriority : CtrSpecNode
{
    /// <summary>The interface's name.</summary>
    public string Name { get; set; } = "";

    /// <summary>The priority.</summary>
    public uint Priority { get; set; }
}

/// <summary>Limits on one RDMA device (OCI runtime spec, config-linux.md, RDMA).</summary>
public sealed class CtrSpecRdma : CtrSpecNode
{
    /// <summary>The maximum number of handles.</summary>
    public uint? HcaHandles { get; set; }

    /// <summary>The maximum number of objects.</summary>
    public uint? HcaObjects { get; set; }
}
