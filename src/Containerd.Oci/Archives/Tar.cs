namespace Containerd.Oci.Archives;

/// <summary>The fields of a tar's headers.</summary>
internal static class Tar
{
    internal const int BlockSize = 512;

    /// <summary>Compares a header with its checksum; some writers add signed bytes.</summary>
    internal static void RequireChecksum(ReadOnlySpan<byte> header)
    {
        var (unsigned, signed) = (0L, 0L);
        for (var i = 0; i < BlockSize; i++)
        {
            var b = i is >= 148 and < 156 ? (byte)' ' : header[i];
            unsigned += b;
            signed += (sbyte)b;
        }

        if (Number(header.Slice(148, 8), "checksum") is var stated && stated != unsigned && stated != signed)
            throw new TarFaultException("the tar is damaged: a header does not have its checksum") { IsHeaderBroken = true };
    }

    /// <summary>A number: octal digits, or with the first bit set its bytes.</summary>
    internal static long Number(ReadOnlySpan<byte> field, string what)
    {
        var value = 0L;
        if ((field[0] & 0x80) != 0)
        {
            for (var i = 0; i < field.Length; i++)
            {
                var b = i == 0 ? field[0] & 0x7F : field[i];
                if (value > long.MaxValue >> 8)
                    throw Bad(what);
                value = (value << 8) | (uint)b;
            }

            // A negative number starts with its sign.
            return (field[0] & 0x40) != 0 ? throw Bad(what) : value;
        }

        foreach (var b in field.Trim([(byte)' ', (byte)0]))
        {
            if (b is < (byte)'0' or > (byte)'7' || value > long.MaxValue >> 3)
                throw Bad(what);
            value = (value << 3) | (uint)(b - '0');
        }

        return value;
    }

    /// <summary>A text that ends with a null byte.</summary>
    internal static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> field) => field.IndexOf((byte)0) is var end and >= 0 ? field[..end] : field;

    /// <summary>
    /// The name in a header. In the POSIX format, its beginning may be in another field, which GNU's format uses for other data.
    /// </summary>
    internal static byte[] HeaderName(ReadOnlySpan<byte> header)
    {
        var name = Text(header[..100]);
        return header.Slice(257, 6).SequenceEqual("ustar\0"u8) && Text(header.Slice(345, 155)) is { Length: > 0 } prefix
            ? [.. prefix, (byte)'/', .. name]
            : name.ToArray();
    }

    internal static bool IsGnu(ReadOnlySpan<byte> header) => header.Slice(257, 8).SequenceEqual("ustar  \0"u8);

    private static TarFaultException Bad(string what) =>
        new($"the tar is damaged: a header's {what} is not a number") { IsHeaderBroken = true };
}
