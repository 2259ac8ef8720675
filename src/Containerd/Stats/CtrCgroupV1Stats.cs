namespace Containerd;

/// <summary>
/// The metrics of a task on a host with cgroup v1, as its shim reported them (io.containerd.cgroups.v1.Metrics). A part whose controller is
/// missing is null.
/// </summary>
[PipelineObject(Depth = 6)]
public sealed class CtrCgroupV1Stats
{
    /// <summary>Processes and threads (pids).</summary>
    public CtrPidsStats? Pids { get; set; }

    /// <summary>Processor time (cpu).</summary>
    public CtrCgroupV1Cpu? Cpu { get; set; }

    /// <summary>Memory (memory).</summary>
    public CtrCgroupV1Memory? Memory { get; set; }

    /// <summary>Block devices (blkio).</summary>
    public CtrCgroupV1BlockIO? BlockIO { get; set; }

    /// <summary>Huge pages, by page size (hugetlb).</summary>
    public CtrHugetlbStats[] Hugetlb { get; set; } = [];

    /// <summary>RDMA devices (rdma).</summary>
    public CtrRdmaStats? Rdma { get; set; }

    /// <summary>Network interfaces, if the shim reports them (network); runc's shim does not.</summary>
    public CtrNetworkStats[] Network { get; set; } = [];

    /// <summary>Processes by state (cgroup_stats).</summary>
    public CtrCgroupV1Processes? Processes { get; set; }

    /// <summary>How the kernel handles the task when its memory is exhausted (memory_oom_control).</summary>
    public CtrCgroupV1Oom? Oom { get; set; }
}
