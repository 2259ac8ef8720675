using System.Buffers.Binary;
using System.Globalization;

namespace Containerd.Oci.Archives;

/// <summary>The metadata of an entry in a tar.</summary>
/// <param name="Type">As in the header: 0 a file, 1 a hard link, 2 a symbolic link, 3 and 4 devices, 5 a directory, 6 a named pipe.</param>
/// <param name="Mode">The permissions.</param>
/// <param name="Uid">The user.</param>
/// <param name="Gid">The group.</param>
/// <param name="Seconds">The time of the last change, in seconds since 1970.</param>
/// <param name="Nanoseconds">The rest of that time.</param>
internal sealed record TarMetadata(char Type, uint Mode, uint Uid, uint Gid, long Seconds, uint Nanoseconds)
{
    /// <summary>Reads the metadata.</summary>
    /// <exception cref="TarFaultException">A field is not valid.</exception>
    internal static TarMetadata Of(TarFile file)
    {
        var header = file.Header.AsSpan();
        var (seconds, nanoseconds) = Time(file.Pax["mtime"]) ?? (Time(header.Slice(136, 12)), 0u);
        var type = (char)header[156];
        // V7: a directory is a file whose name ends with a slash.
        if (type == '\0')
            type = file.Name.EndsWith('/') ? '5' : '0';
        return new TarMetadata(
            type,
            (uint)(Tar.Number(header.Slice(100, 8), "mode") & 0xFFF),
            Id(file.Pax["uid"], header.Slice(108, 8), "user"),
            Id(file.Pax["gid"], header.Slice(116, 8), "group"),
            seconds,
            nanoseconds
        );
    }

    private static uint Id(string? pax, ReadOnlySpan<byte> field, string what)
    {
        var number =
            pax is null ? Tar.Number(field, what)
            : long.TryParse(pax, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed
            : -1;
        return number is >= 0 and < uint.MaxValue
            ? (uint)number
            : throw new TarFaultException($"the tar is damaged: the {what} of a file is not a number");
    }

    /// <summary>GNU's format has times before 1970, as negative numbers in bytes.</summary>
    private static long Time(ReadOnlySpan<byte> field) =>
        field[0] == 0xFF ? BinaryPrimitives.ReadInt64BigEndian(field[4..]) : Tar.Number(field, "time");

    /// <summary>Seconds with a fraction; before 1970 they are negative.</summary>
    private static (long Seconds, uint Nanoseconds)? Time(string? text)
    {
        if (
            text is null
            || !decimal.TryParse(
                text,
                NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture,
                out var value
            )
            || decimal.Abs(value) > 1e12m
        )
            return null;
        var seconds = decimal.Floor(value);
        return ((long)seconds, (uint)((value - seconds) * 1_000_000_000m));
    }
}
