using System.IO.Compression;
using ZstdSharp;

namespace Containerd.Oci.Archives;

/// <summary>How a tar is packed, as its file's name says: not at all, with gzip, or with Zstandard.</summary>
internal static class TarPacking
{
    private static readonly string[] Endings = [".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst"];

    /// <summary>Whether a name is a tar's.</summary>
    internal static bool IsNamedSo(string path) => Endings.Any(e => path.EndsWith(e, StringComparison.OrdinalIgnoreCase));

    /// <summary>What to write a tar of this name into; disposing of it writes the end.</summary>
    internal static Stream Open(Stream file, string name) =>
        name.EndsWith("gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionLevel.Fastest)
        : name.EndsWith("zst", StringComparison.OrdinalIgnoreCase) ? new CompressionStream(file)
        : new BufferedStream(file, 1 << 20);
}
