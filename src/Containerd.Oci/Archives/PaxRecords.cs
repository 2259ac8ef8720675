using System.Globalization;
using System.Text;

namespace Containerd.Oci.Archives;

/// <summary>The records of a pax header, and GNU's three ways to describe a sparse file with them.</summary>
internal sealed class PaxRecords
{
    /// <summary>The beginning of the keys of extended attributes.</summary>
    internal const string AttributePrefix = "SCHILY.xattr.";

    private const string Prefix = "GNU.sparse.";

    private readonly Dictionary<string, string> _records = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _bytes = new(StringComparer.Ordinal);
    private readonly List<long> _parts = [];

    internal static PaxRecords None { get; } = new();

    internal string? this[string key] => _records.TryGetValue(key, out var value) && value.Length > 0 ? value : null;

    /// <summary>The value as it is in the archive, where names may not be text.</summary>
    internal byte[]? Bytes(string key) => _bytes.TryGetValue(key, out var value) && value.Length > 0 ? value : null;

    /// <summary>The extended attributes of the file.</summary>
    internal IEnumerable<(byte[] Name, byte[] Value)> Attributes() =>
        _bytes
            .Where(record => record.Key.StartsWith(AttributePrefix, StringComparison.Ordinal))
            .Select(record => (Encoding.UTF8.GetBytes(record.Key[AttributePrefix.Length..]), record.Value));

    /// <summary>Whether the file is sparse.</summary>
    internal bool IsSparse =>
        this[Prefix + "major"] is not null || this[Prefix + "map"] is not null || this[Prefix + "numblocks"] is not null;

    /// <summary>The real name of a sparse file; the name in the header differs.</summary>
    internal byte[]? SparseName => Bytes(Prefix + "name");

    /// <summary>Reads the records: a length, a space, key=value and a line feed each.</summary>
    internal static PaxRecords Parse(ReadOnlySpan<byte> header)
    {
        var records = new PaxRecords();
        while (!header.IsEmpty && header[0] != 0)
        {
            var space = header.IndexOf((byte)' ');
            if (
                space <= 0
                || space > 9
                || !int.TryParse(Encoding.ASCII.GetString(header[..space]), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length <= space + 1
                || length > header.Length
                || header[length - 1] != (byte)'\n'
            )
                throw Bad();
            var record = header[(space + 1)..(length - 1)];
            var equals = record.IndexOf((byte)'=');
            if (equals <= 0)
                throw Bad();
            var key = Encoding.UTF8.GetString(record[..equals]);
            var value = record[(equals + 1)..];
            records.Add(key, Encoding.UTF8.GetString(value));
            records._bytes[key] = value.ToArray();
            header = header[length..];
        }

        return records;
    }

    /// <summary>Finds the map of a sparse file. In form 1.0 it precedes the data and is read from there.</summary>
    internal async Task<SparseMap> SparseAsync(TarDataStream data, string name, CancellationToken cancellationToken)
    {
        var (major, minor) = (this[Prefix + "major"] ?? "0", this[Prefix + "minor"] ?? "0");
        var length = Number(name, this[Prefix + "realsize"] ?? this[Prefix + "size"] ?? "");
        if (major == "1" && minor == "0")
            return SparseMap.Of(name, length, await ReadMapAsync(data, name, cancellationToken).ConfigureAwait(false), data.Left);
        if (major != "0")
            throw new TarFaultException(
                $"'{name}' is a sparse file in the pax form {major}.{minor}; the forms 0.0, 0.1 and 1.0 are supported"
            );
        var numbers = this[Prefix + "map"] is { } map ? map.Split(',').Select(n => Number(name, n)).ToList() : _parts;
        SparseMap.RequireCount(name, numbers.Count / 2);
        if (numbers.Count % 2 != 0 || (this[Prefix + "numblocks"] is { } count && Number(name, count) != numbers.Count / 2))
            throw SparseMap.Bad(name, "it is not complete");
        return SparseMap.Of(name, length, [.. numbers.Chunk(2).Select(p => (p[0], p[1]))], data.Left);
    }

    private void Add(string key, string value)
    {
        // Form 0.0 has these two records for each part, alternating.
        if (key is Prefix + "offset" or Prefix + "numbytes")
        {
            if (key.EndsWith("offset", StringComparison.Ordinal) != (_parts.Count % 2 == 0))
                throw Bad();
            _parts.Add(Number("", value));
        }
        else
        {
            _records[key] = value;
        }
    }

    // Decimal numbers, a line each: how many parts, then offset and length of each; filled up to a whole block.
    private static async Task<List<(long, long)>> ReadMapAsync(TarDataStream data, string name, CancellationToken cancellationToken)
    {
        var block = new byte[Tar.BlockSize];
        var at = Tar.BlockSize;
        var count = await NextAsync().ConfigureAwait(false);
        SparseMap.RequireCount(name, count);
        var extents = new List<(long, long)>();
        for (var i = 0L; i < count; i++)
        {
            var offset = await NextAsync().ConfigureAwait(false);
            extents.Add((offset, await NextAsync().ConfigureAwait(false)));
        }

        return extents;

        async Task<long> NextAsync()
        {
            var digits = new StringBuilder();
            while (true)
            {
                if (at == Tar.BlockSize)
                {
                    if (data.Left < Tar.BlockSize)
                        throw SparseMap.Bad(name, "it is not complete");
                    await data.ReadExactlyAsync(block, cancellationToken).ConfigureAwait(false);
                    at = 0;
                }

                var b = block[at++];
                if (b == (byte)'\n')
                    return Number(name, digits.ToString());
                if (digits.Length > 20)
                    throw SparseMap.Bad(name, "it is not made of numbers");
                digits.Append((char)b);
            }
        }
    }

    private static long Number(string name, string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw SparseMap.Bad(name, $"'{text}' is not a number");

    private static TarFaultException Bad() => new("the tar is damaged: a pax header is not made of records");
}
