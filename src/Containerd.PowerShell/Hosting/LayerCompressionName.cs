namespace Containerd.PowerShell;

/// <summary>The compression that the name of a file selects.</summary>
internal static class LayerCompressionName
{
    /// <param name="path">The file.</param>
    /// <param name="otherwise">The compression for an unknown extension.</param>
    internal static CtrLayerCompression Of(string path, CtrLayerCompression otherwise) =>
        path.EndsWith(".tar", StringComparison.OrdinalIgnoreCase) ? CtrLayerCompression.None
        : path.EndsWith("gz", StringComparison.OrdinalIgnoreCase) ? CtrLayerCompression.Gzip
        : path.EndsWith("zst", StringComparison.OrdinalIgnoreCase) ? CtrLayerCompression.Zstd
        : otherwise;
}
