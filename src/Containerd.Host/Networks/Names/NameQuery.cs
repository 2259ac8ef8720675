using System.Buffers.Binary;
using System.Net;
using System.Runtime.Versioning;
using System.Text;
using Containerd.Host.Native;

namespace Containerd.Host.Networks.Names;

/// <summary>A query for a name, as a container sends it to the name server of its network.</summary>
[SupportedOSPlatform("linux")]
internal static class NameQuery
{
    /// <summary>The port of name servers.</summary>
    internal const int Port = 53;

    private const ushort Id = 0x6370;
    private const int HeaderLength = 12;
    private const int LongestLabel = 63;
    private const int LongestAnswer = 4096;
    private const ushort RecursionDesired = 0x100;
    private const ushort AddressV4 = 1;
    private const ushort AddressV6 = 28;
    private const ushort Internet = 1;

    /// <summary>Whether a name can be asked for.</summary>
    internal static bool IsName(string name) =>
        name.Length is > 0 and < 255
        && name.Split('.').All(label => label.Length is > 0 and <= LongestLabel)
        && !name.Contains(':', StringComparison.Ordinal);

    /// <summary>Asks a server for the addresses of a name.</summary>
    /// <param name="network">The path of the network namespace that the query is sent from.</param>
    /// <param name="server">The server.</param>
    /// <param name="name">The name.</param>
    /// <param name="hasV6">Whether to ask for IPv6 addresses.</param>
    /// <param name="patience">How long to wait for the answer, in milliseconds.</param>
    /// <returns>The number of addresses; null if there is no answer.</returns>
    internal static int? Ask(string network, IPAddress server, string name, bool hasV6, int patience)
    {
        using var socket = LibcNetworks.ConnectDatagram(network, server.GetAddressBytes(), Port, out _);
        if (socket is null || LibcPoll.Write(socket, Write(name, hasV6)) < 0 || !LibcPoll.IsReadable(socket, patience))
            return null;
        var answer = new byte[LongestAnswer];
        // Fewer bytes, or an error: the port is closed.
        return LibcPoll.Read(socket, answer) >= HeaderLength && BinaryPrimitives.ReadUInt16BigEndian(answer) == Id
            ? BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(6))
            : null;
    }

    /// <summary>The message: a header, the labels of the name, and the type and class of the records.</summary>
    private static byte[] Write(string name, bool hasV6)
    {
        var message = new List<byte>();
        // One question; no answers, authorities and additional records.
        foreach (var number in new ushort[] { Id, RecursionDesired, 1, 0, 0, 0 })
            Add(message, number);
        foreach (var label in name.Split('.'))
        {
            message.Add((byte)label.Length);
            message.AddRange(Encoding.ASCII.GetBytes(label));
        }

        message.Add(0);
        Add(message, hasV6 ? AddressV6 : AddressV4);
        Add(message, Internet);
        return [.. message];
    }

    private static void Add(List<byte> message, ushort number)
    {
        message.Add((byte)(number >> 8));
        message.Add((byte)number);
    }
}
