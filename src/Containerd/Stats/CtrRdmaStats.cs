namespace Containerd;

/// <summary>RDMA resources (rdma controller).</summary>
[PipelineObject(Depth = 6)]
public sealed class CtrRdmaStats
{
    /// <summary>In use, by device (current).</summary>
    public CtrRdmaDevice[] Current { get; set; } = [];

    /// <summary>The limits, by device (limit).</summary>
    public CtrRdmaDevice[] Limit { get; set; } = [];
}
