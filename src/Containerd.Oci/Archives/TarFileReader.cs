using System.Globalization;
using System.Text;

namespace Containerd.Oci.Archives;

/// <summary>
/// Reads a tar once from its beginning to its end mark: V7, ustar, GNU and pax, and sparse files in GNU's and the three pax forms. Unlike
/// the runtime's own reader it holds at most <see cref="MaxHeaderBytes"/> of an archive in memory, and ignores fields that it does not
/// need, such as times after the year 9999.
/// </summary>
/// <param name="stream">The unpacked tar.</param>
internal sealed class TarFileReader(Stream stream)
{
    /// <summary>The size limit of a pax header or a long name, as in Go's reader, which containerd uses.</summary>
    internal const int MaxHeaderBytes = 1 << 20;

    /// <summary>The maximum number of parts in one sparse file.</summary>
    internal const int MaxExtents = 1 << 18;

    /// <summary>
    /// The maximum number of bytes in holes of all sparse files in an archive: they use no space in the archive, but do in the content
    /// store.
    /// </summary>
    internal const long MaxHoles = 4L << 30;

    private readonly byte[] _block = new byte[Tar.BlockSize];
    private TarDataStream? _data;
    private long _holes;

    /// <summary>The next entry; null at the archive's end mark.</summary>
    /// <exception cref="EndOfStreamException">The archive ends before its end mark.</exception>
    /// <exception cref="TarFaultException">It breaks the format, uses a form that is not supported, or exceeds a limit.</exception>
    public async Task<TarFile?> NextAsync(CancellationToken cancellationToken)
    {
        if (_data is not null)
            await _data.SkipRestAsync(cancellationToken).ConfigureAwait(false);
        PaxRecords? pax = null;
        byte[]? longName = null,
            longLink = null;
        while (true)
        {
            await stream.ReadExactlyAsync(_block, cancellationToken).ConfigureAwait(false);
            if (!_block.AsSpan().ContainsAnyExcept((byte)0))
                return null;
            Tar.RequireChecksum(_block);
            var size = Tar.Number(_block.AsSpan(124, 12), "size");
            switch ((char)_block[156])
            {
                case 'x' or 'X':
                    pax = PaxRecords.Parse(await ReadHeaderAsync(size, cancellationToken).ConfigureAwait(false));
                    continue;
                case 'g':
                    // Applies to all following entries; its fields are not relevant here.
                    await SkipAsync(size, cancellationToken).ConfigureAwait(false);
                    continue;
                case 'L':
                    longName = Tar.Text(await ReadHeaderAsync(size, cancellationToken).ConfigureAwait(false)).ToArray();
                    continue;
                case 'K':
                    longLink = Tar.Text(await ReadHeaderAsync(size, cancellationToken).ConfigureAwait(false)).ToArray();
                    continue;
                default:
                    return await EntryAsync(size, pax ?? PaxRecords.None, longName, longLink, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<TarFile> EntryAsync(
        long size,
        PaxRecords pax,
        byte[]? longName,
        byte[]? longLink,
        CancellationToken cancellationToken
    )
    {
        var type = (char)_block[156];
        var nameBytes = pax.SparseName ?? pax.Bytes("path") ?? longName ?? Tar.HeaderName(_block);
        var linkBytes = pax.Bytes("linkpath") ?? longLink ?? Tar.Text(_block.AsSpan(157, 100)).ToArray();
        var (name, link) = (Encoding.UTF8.GetString(nameBytes), Encoding.UTF8.GetString(linkBytes));
        var header = _block.ToArray();
        if (pax["size"] is { } stated)
        {
            size = long.TryParse(stated, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed)
                ? parsed
                : throw new TarFaultException($"the pax header of '{name}' has the size '{stated}'");
        }

        var kind = type switch
        {
            '\0' when name.EndsWith('/') => TarFileKind.Other,
            '\0' or '0' or '7' or 'S' => TarFileKind.File,
            '1' => TarFileKind.HardLink,
            '2' => TarFileKind.SymbolicLink,
            _ => TarFileKind.Other,
        };

        // These have no data, whatever their size says.
        if (type is >= '1' and <= '6')
            size = 0;
        var source = new TarDataStream(stream, size);
        _data = source;
        if (kind != TarFileKind.File)
            return Entry(link, 0, Stream.Null);
        var sparse =
            type == 'S' ? await GnuSparse.ReadAsync(stream, _block, name, size, cancellationToken).ConfigureAwait(false)
            : pax.IsSparse ? await pax.SparseAsync(source, name, cancellationToken).ConfigureAwait(false)
            : null;
        if (sparse is null)
            return Entry("", size, source);
        _holes += sparse.Holes;
        if (_holes is < 0 or > MaxHoles)
        {
            throw new TarFaultException(
                $"the holes of its sparse files have more than {MaxHoles >> 30} GiB; pack it again without holes (without tar's -S "
                    + "or --sparse)"
            );
        }

        return Entry("", sparse.Length, new SparseStream(source, sparse));

        TarFile Entry(string target, long length, Stream data) =>
            new(name, kind, target, length, data)
            {
                NameBytes = nameBytes,
                LinkBytes = linkBytes,
                Header = header,
                Pax = pax,
            };
    }

    private async Task<byte[]> ReadHeaderAsync(long size, CancellationToken cancellationToken)
    {
        if (size > MaxHeaderBytes)
            throw new TarFaultException($"one of its headers has {size} bytes; at most {MaxHeaderBytes >> 20} MiB are read");
        var data = new TarDataStream(stream, size);
        var header = new byte[size];
        await data.ReadExactlyAsync(header, cancellationToken).ConfigureAwait(false);
        await data.SkipRestAsync(cancellationToken).ConfigureAwait(false);
        return header;
    }

    private Task SkipAsync(long size, CancellationToken cancellationToken) =>
        new TarDataStream(stream, size).SkipRestAsync(cancellationToken);
}
