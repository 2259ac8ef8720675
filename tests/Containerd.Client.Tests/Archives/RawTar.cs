using System.Text;

namespace Containerd.Client.Tests.Archives;

/// <summary>Writes tars header by header, odd ones too.</summary>
internal sealed class RawTar
{
    private readonly List<byte> _tar = [];

    /// <summary>Adds an entry.</summary>
    public RawTar Add(
        string name,
        byte[] data,
        char type = '0',
        string magic = "ustar\000",
        long? size = null,
        Action<byte[]>? change = null
    )
    {
        var header = new byte[512];
        Encoding.UTF8.GetBytes(name).CopyTo(header, 0);
        Put(header, 100, "0000644\0");
        Put(header, 108, "0000000\0");
        Put(header, 116, "0000000\0");
        Put(header, 124, Convert.ToString(size ?? data.Length, 8).PadLeft(11, '0') + " ");
        Put(header, 136, "00000000000 ");
        header[156] = (byte)type;
        Put(header, 257, magic);
        change?.Invoke(header);
        Put(header, 148, "        ");
        Put(header, 148, Convert.ToString(header.Sum(b => b), 8).PadLeft(6, '0') + "\0 ");
        _tar.AddRange(header);
        _tar.AddRange(data);
        _tar.AddRange(new byte[(512 - (data.Length % 512)) % 512]);
        return this;
    }

    /// <summary>Adds a pax header for the next entry.</summary>
    public RawTar Pax(params (string Key, string Value)[] records) =>
        Add("PaxHeaders/x", [.. records.SelectMany(r => Record(r.Key, r.Value))], 'x');

    public byte[] End() => [.. _tar, .. new byte[1024]];

    public static void Put(byte[] header, int at, string text) => Encoding.UTF8.GetBytes(text).CopyTo(header, at);

    // The length counts itself.
    private static byte[] Record(string key, string value)
    {
        var rest = Encoding.UTF8.GetByteCount($" {key}={value}\n");
        var length = rest + 1;
        while (length != rest + length.ToString(System.Globalization.CultureInfo.InvariantCulture).Length)
            length = rest + length.ToString(System.Globalization.CultureInfo.InvariantCulture).Length;
        return Encoding.UTF8.GetBytes($"{length} {key}={value}\n");
    }
}
