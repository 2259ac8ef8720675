namespace Containerd;

/// <summary>The traffic of one network interface since it was created.</summary>
public sealed class CtrNetworkStats
{
    /// <summary>The interface's name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Received, in bytes.</summary>
    public long? RxBytes { get; set; }

    /// <summary>Packets received.</summary>
    public long RxPackets { get; set; }

    /// <summary>Packets received with an error.</summary>
    public long RxErrors { get; set; }

    /// <summary>Packets dropped on arrival.</summary>
    public long RxDropped { get; set; }

    /// <summary>Sent, in bytes.</summary>
    public long? TxBytes { get; set; }

    /// <summary>Packets sent.</summary>
    public long TxPackets { get; set; }

    /// <summary>Packets whose sending failed.</summary>
    public long TxErrors { get; set; }

    /// <summary>Packets dropped before they were sent.</summary>
    public long TxDropped { get; set; }

    /// <summary>The interface.</summary>
    /// <returns>Its name.</returns>
    public override string ToString() => Name;
}
