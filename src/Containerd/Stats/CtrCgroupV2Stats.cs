namespace Containerd;

/// <summary>
/// The metrics of a task on a host with cgroup v2, as its shim reported them (io.containerd.cgroups.v2.Metrics). A part that the shim did
/// not send is null; a missing controller has zeros.
/// </summary>
[PipelineObject(Depth = 6)]
public sealed class CtrCgroupV2Stats
{
    /// <summary>Processes and threads (pids).</summary>
    public CtrPidsStats? Pids { get; set; }

    /// <summary>Processor time (cpu).</summary>
    public CtrCgroupV2Cpu? Cpu { get; set; }

    /// <summary>Memory (memory).</summary>
    public CtrCgroupV2Memory? Memory { get; set; }

    /// <summary>Events at the memory limits (memory_events).</summary>
    public CtrCgroupV2MemoryEvents? MemoryEvents { get; set; }

    /// <summary>Block devices (io).</summary>
    public CtrCgroupV2IO? IO { get; set; }

    /// <summary>Huge pages, by page size (hugetlb).</summary>
    public CtrHugetlbStats[] Hugetlb { get; set; } = [];

    /// <summary>RDMA devices (rdma).</summary>
    public CtrRdmaStats? Rdma { get; set; }
}
