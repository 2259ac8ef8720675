namespace Containerd;

/// <summary>Block I/O of a task on cgroup v2 (io.stat).</summary>
[PipelineObject(Depth = 6)]
public sealed class CtrCgroupV2IO
{
    /// <summary>The I/O of each device; empty before the first operation (usage).</summary>
    public CtrCgroupV2IODevice[] Devices { get; set; } = [];

    /// <summary>How long processes waited for devices (psi); null if it is not measured.</summary>
    public CtrPressure? Pressure { get; set; }
}
