using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Runtime.Versioning;

namespace Containerd.Host.Networks.Subnets;

/// <summary>The routes of the network namespace of a process, with their interfaces.</summary>
[SupportedOSPlatform("linux")]
internal static class HostRoutes
{
    private const int V6Interface = 9;

    /// <summary>The routes to subnets that interfaces can have; not default routes, and not those of single addresses.</summary>
    internal static IReadOnlyList<(IpSubnet Subnet, string Interface)> Of(int pid) =>
        [
            .. Rows(pid, "route").Skip(1).Where(r => r.Length > 7).Select(V4).OfType<(IpSubnet, string)>(),
            .. Rows(pid, "ipv6_route").Where(r => r.Length > V6Interface).Select(V6).OfType<(IpSubnet, string)>(),
        ];

    /// <summary>Whether the kernel forwards IPv4 packets in the network namespace; null if that cannot be read.</summary>
    internal static bool? IsForwarding(int pid)
    {
        // The names of the counters, then their values; that of this one is 1 or 2.
        var lines = Rows(pid, "snmp").Where(r => r is ["Ip:", ..]).ToList();
        var column = lines is [var names, _, ..] ? Array.IndexOf(names, "Forwarding") : -1;
        return column > 0 && lines[1].Length > column ? lines[1][column] == "1" : null;
    }

    private static (IpSubnet, string)? V4(string[] row)
    {
        // The columns are: interface, destination, gateway, flags, references, use, metric, mask.
        if (Hexadecimal(row[1]) is not { } destination || Hexadecimal(row[7]) is not { } mask || mask is 0 or uint.MaxValue)
            return null;
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, destination);
        return (new IpSubnet(new IPAddress(bytes), BitOperations.PopCount(mask)), row[0]);
    }

    private static (IpSubnet, string)? V6(string[] row)
    {
        const int Host = 128;
        return
            row[0].Length == 32
            && int.TryParse(row[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var prefix)
            && prefix is > 0 and < Host
            && new IPAddress(Convert.FromHexString(row[0])) is { IsIPv6LinkLocal: false, IsIPv6Multicast: false } address
            ? (new IpSubnet(address, prefix), row[V6Interface])
            : null;
    }

    private static uint? Hexadecimal(string text) =>
        uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static List<string[]> Rows(int pid, string table)
    {
        try
        {
            return
            [
                .. File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/net/{table}"))
                    .Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
            ];
        }
        catch (IOException)
        {
            return [];
        }
    }
}
