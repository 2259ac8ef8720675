namespace Containerd;

/// <summary>RDMA resources of one device.</summary>
public sealed class CtrRdmaDevice
{
    /// <summary>The device's name (device).</summary>
    public string Device { get; set; } = "";

    /// <summary>Handles (hca_handles).</summary>
    public long HcaHandles { get; set; }

    /// <summary>Objects (hca_objects).</summary>
    public long HcaObjects { get; set; }
}
