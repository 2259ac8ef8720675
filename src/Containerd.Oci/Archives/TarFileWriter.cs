using System.Globalization;
using System.Text;

namespace Containerd.Oci.Archives;

/// <summary>
/// Writes the headers and the data of a tar in the pax format. Names are bytes, and extended attributes are kept, which the runtime's own
/// writer does not support.
/// </summary>
/// <param name="stream">The tar.</param>
internal sealed class TarFileWriter(Stream stream)
{
    private static readonly byte[] Padding = new byte[Tar.BlockSize];

    /// <summary>Writes the header of an entry. The data of a file must follow, with exactly the size.</summary>
    internal void WriteHeader(
        byte[] name,
        TarMetadata metadata,
        long size = 0,
        byte[]? link = null,
        IEnumerable<(byte[] Name, byte[] Value)>? attributes = null
    )
    {
        var pax = new MemoryStream();
        if (name.Length > 100 || name.AsSpan().ContainsAnyExceptInRange((byte)' ', (byte)'~'))
            Add(pax, "path"u8, name);
        if (link is not null && (link.Length > 100 || link.AsSpan().ContainsAnyExceptInRange((byte)' ', (byte)'~')))
            Add(pax, "linkpath"u8, link);
        if (!Fits(size, 11))
            Add(pax, "size"u8, Text(size));
        if (!Fits(metadata.Uid, 7))
            Add(pax, "uid"u8, Text(metadata.Uid));
        if (!Fits(metadata.Gid, 7))
            Add(pax, "gid"u8, Text(metadata.Gid));
        if (metadata.Nanoseconds > 0 || !Fits(metadata.Seconds, 11))
        {
            var time = metadata.Seconds + (metadata.Nanoseconds / 1_000_000_000m);
            Add(pax, "mtime"u8, Encoding.ASCII.GetBytes(time.ToString("0.#########", CultureInfo.InvariantCulture)));
        }

        foreach (var (key, value) in attributes ?? [])
            Add(pax, [.. Encoding.ASCII.GetBytes(PaxRecords.AttributePrefix), .. key], value);
        if (pax.Length > 0)
        {
            var records = pax.ToArray();
            var plain = new TarMetadata('x', 0x1A4, 0, 0, 0, 0);
            WriteBlock("pax"u8, plain, records.Length, default);
            stream.Write(records);
            Pad(records.Length);
        }

        WriteBlock(name, metadata, size, link);
    }

    /// <summary>Fills up the last block of a file's data.</summary>
    internal void Pad(long size) => stream.Write(Padding, 0, (int)((Tar.BlockSize - (size % Tar.BlockSize)) % Tar.BlockSize));

    /// <summary>Writes the end mark.</summary>
    internal void End()
    {
        stream.Write(Padding);
        stream.Write(Padding);
    }

    private void WriteBlock(ReadOnlySpan<byte> name, TarMetadata metadata, long size, ReadOnlySpan<byte> link)
    {
        Span<byte> block = stackalloc byte[Tar.BlockSize];
        block.Clear();
        name[..Math.Min(name.Length, 100)].CopyTo(block);
        Octal(block.Slice(100, 8), metadata.Mode);
        Octal(block.Slice(108, 8), metadata.Uid);
        Octal(block.Slice(116, 8), metadata.Gid);
        Octal(block.Slice(124, 12), size);
        Octal(block.Slice(136, 12), metadata.Seconds);
        block.Slice(148, 8).Fill((byte)' ');
        block[156] = (byte)metadata.Type;
        link[..Math.Min(link.Length, 100)].CopyTo(block[157..]);
        "ustar\0"u8.CopyTo(block[257..]);
        "00"u8.CopyTo(block[263..]);
        var sum = 0L;
        foreach (var b in block)
            sum += b;
        Octal(block.Slice(148, 7), sum);
        stream.Write(block);
    }

    private static bool Fits(long value, int digits) => value >= 0 && value < 1L << (3 * digits);

    /// <summary>Octal digits and a null byte; a number that does not fit is in the pax header.</summary>
    private static void Octal(Span<byte> field, long value)
    {
        var digits = field.Length - 1;
        var rest = Fits(value, digits) ? value : 0;
        for (var i = digits - 1; i >= 0; i--, rest >>= 3)
            field[i] = (byte)('0' + (rest & 7));
        field[digits] = 0;
    }

    private static byte[] Text(long value) => Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture));

    /// <summary>A record begins with its own length.</summary>
    private static void Add(MemoryStream pax, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var rest = key.Length + value.Length + 3;
        var length = rest + 1;
        while (Text(length).Length + rest != length)
            length = Text(length).Length + rest;
        pax.Write(Text(length));
        pax.WriteByte((byte)' ');
        pax.Write(key);
        pax.WriteByte((byte)'=');
        pax.Write(value);
        pax.WriteByte((byte)'\n');
    }
}
