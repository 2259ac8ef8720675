using System.IO.Compression;
using ZstdSharp;

namespace Containerd.Oci.Archives;

/// <summary>The compression of a tar, according to its file name: none, gzip, or Zstandard.</summary>
internal static class TarPacking
{
    private static readonly string[] Endings = [".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst"];

    /// <summary>Whether a name is that of a tar.</summary>
    internal static bool IsNamedSo(string path) => Endings.Any(e => path.EndsWith(e, StringComparison.OrdinalIgnoreCase));

    /// <summary>The stream for writing a tar with this name; disposing it writes the end.</summary>
    internal static Stream Open(Stream file, string name) =>
        name.EndsWith("gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionLevel.Fastest)
        : name.EndsWith("zst", StringComparison.OrdinalIgnoreCase) ? new CompressionStream(file)
        : new BufferedStream(file, 1 << 20);
}
