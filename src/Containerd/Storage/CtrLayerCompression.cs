namespace Containerd;

/// <summary>How a layer's tar is compressed.</summary>
public enum CtrLayerCompression
{
    /// <summary>With gzip, which every containerd and registry reads.</summary>
    Gzip,

    /// <summary>No compression.</summary>
    None,

    /// <summary>With Zstandard; containerd writes it since version 2.1.</summary>
    Zstd,
}
