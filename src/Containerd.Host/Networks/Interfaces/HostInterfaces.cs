using System.Globalization;
using System.Runtime.Versioning;
using Containerd.Host.Native;

namespace Containerd.Host.Networks.Interfaces;

/// <summary>
/// The interfaces of a network namespace, which is that of a process: the daemon's may differ from this process's own. Some calls run on a
/// thread of their own, because entering a network namespace changes the calling thread.
/// </summary>
/// <param name="pid">A process in the network namespace.</param>
[SupportedOSPlatform("linux")]
internal sealed class HostInterfaces(int pid)
{
    private const long RouterAdvertisement = 0x00040000;
    private const int FlagsColumn = 8;
    private const int InterfaceColumn = 9;

    private string Folder => string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/net");

    /// <summary>Whether the kernel has IPv6 in the network namespace.</summary>
    internal bool HasV6 => File.Exists($"{Folder}/if_inet6");

    /// <summary>The interface of the IPv4 default route; null without one.</summary>
    internal string? DefaultInterface() =>
        Rows("route")
            // The columns are: interface, destination, gateway, flags, references, use, metric, mask.
            .Where(row => row is [_, "00000000", _, _, _, _, _, "00000000", ..])
            .OrderBy(row => int.TryParse(row[6], CultureInfo.InvariantCulture, out var metric) ? metric : int.MaxValue)
            .FirstOrDefault()
            ?[0];

    /// <summary>
    /// The interface whose IPv6 default route is from a router advertisement: the kernel ignores these when it forwards packets, unless
    /// accept_ra is 2. Null without one.
    /// </summary>
    internal string? AdvertisedInterface() =>
        HasV6
            ? Rows("ipv6_route")
                .Where(row =>
                    row.Length > InterfaceColumn
                    && row[1] == "00"
                    && long.TryParse(row[FlagsColumn], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var flags)
                    && (flags & RouterAdvertisement) != 0
                )
                .Select(row => row[InterfaceColumn])
                .FirstOrDefault()
            : null;

    /// <summary>The maximum size of a packet on an interface; null if it does not exist.</summary>
    internal int? Mtu(string name) => Run(() => LibcInterfaces.Mtu(name));

    private List<string[]> Rows(string table)
    {
        try
        {
            return
            [
                .. File.ReadLines($"{Folder}/{table}").Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
            ];
        }
        catch (IOException)
        {
            return [];
        }
    }

    private T? Run<T>(Func<T> work)
    {
        T? result = default;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                LibcInterfaces.Enter(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/net"));
                result = work();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? result : throw new IOException(failure.Message, failure);
    }
}
