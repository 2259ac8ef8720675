namespace Containerd;

/// <summary>How long processes waited for a resource (pressure stall information).</summary>
[PipelineObject(Depth = 6)]
public sealed class CtrPressure
{
    /// <summary>While at least one process waited (some).</summary>
    public CtrPressureShare? Some { get; set; }

    /// <summary>While all of them waited (full).</summary>
    public CtrPressureShare? Full { get; set; }
}
