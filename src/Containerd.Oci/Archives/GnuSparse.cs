namespace Containerd.Oci.Archives;

/// <summary>GNU's format of sparse files: the map starts in the header and continues in the blocks after it.</summary>
internal static class GnuSparse
{
    private const int EntrySize = 24;

    internal static async Task<SparseMap> ReadAsync(
        Stream tar,
        byte[] header,
        string name,
        long stored,
        CancellationToken cancellationToken
    )
    {
        if (!Tar.IsGnu(header))
            throw new TarFaultException(
                $"'{name}' is a sparse file in a form that is not supported; pack it with GNU tar or bsdtar, or without holes"
            );
        var length = Tar.Number(header.AsSpan(483, 12), "sparse file's size");
        var extents = new List<(long, long)>();
        var more = Add(extents, header.AsSpan(386, 4 * EntrySize)) && header[482] != 0;
        var block = new byte[Tar.BlockSize];
        while (more)
        {
            await tar.ReadExactlyAsync(block, cancellationToken).ConfigureAwait(false);
            more = Add(extents, block.AsSpan(0, 21 * EntrySize)) && block[504] != 0;
            SparseMap.RequireCount(name, extents.Count);
        }

        return SparseMap.Of(name, length, extents, stored);
    }

    /// <returns>Whether the last entry was used, so that there may be more.</returns>
    private static bool Add(List<(long Offset, long Length)> extents, ReadOnlySpan<byte> entries)
    {
        for (; !entries.IsEmpty; entries = entries[EntrySize..])
        {
            if (entries[0] == 0)
                return false;
            extents.Add((Tar.Number(entries[..12], "sparse map"), Tar.Number(entries.Slice(12, 12), "sparse map")));
        }

        return true;
    }
}
