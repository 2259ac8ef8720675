namespace Containerd.Oci.Archives;

/// <summary>The positions of the data in a sparse file.</summary>
internal sealed class SparseMap
{
    private SparseMap(long length, List<(long Offset, long Length)> extents, long holes) =>
        (Length, Extents, Holes) = (length, extents, holes);

    /// <summary>The file's length, holes included.</summary>
    internal long Length { get; }

    /// <summary>The parts that have data, in order.</summary>
    internal IReadOnlyList<(long Offset, long Length)> Extents { get; }

    /// <summary>The number of bytes in holes.</summary>
    internal long Holes { get; }

    /// <summary>Checks a map.</summary>
    /// <param name="name">The file, for errors.</param>
    /// <param name="length">The file's length.</param>
    /// <param name="extents">The parts, as listed in the archive.</param>
    /// <param name="stored">The number of bytes of data in the archive.</param>
    internal static SparseMap Of(string name, long length, List<(long Offset, long Length)> extents, long stored)
    {
        var (end, data) = (0L, 0L);
        foreach (var (offset, count) in extents)
        {
            if (offset < end || count < 0 || count > length - offset)
                throw Bad(name, "its parts overlap or lie beyond its end");
            end = offset + count;
            data += count;
        }

        return data == stored
            ? new SparseMap(length, extents, length - data)
            : throw Bad(name, $"its parts have {data} bytes, the archive holds {stored}");
    }

    internal static TarFaultException Bad(string name, string why) => new($"the map of the sparse file '{name}' is damaged: {why}");

    internal static void RequireCount(string name, long count)
    {
        if (count is < 0 or > TarFileReader.MaxExtents)
            throw new TarFaultException($"the sparse file '{name}' has more than {TarFileReader.MaxExtents} parts");
    }
}
