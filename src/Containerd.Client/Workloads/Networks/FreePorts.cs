using System.Globalization;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Workloads.Networks;

/// <summary>
/// Chooses ports of the host where the caller leaves the choice: none that a socket is bound to, that another container publishes now, or
/// that a container of this daemon will publish when it starts.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class FreePorts(NetworkHost host, IReadOnlyList<CtrContainer> users)
{
    // The dynamic ports (RFC 6335), which services do not listen on.
    private const int First = 49152;
    private const int Last = 65535;

    /// <summary>One entry for each port, with a port of the host.</summary>
    internal IReadOnlyList<RequestedPort> Expand(IReadOnlyList<CtrPortMapping> mappings)
    {
        var ports = new List<RequestedPort>();
        HashSet<(int, string)>? used = null;
        foreach (var mapping in mappings.OrderBy(m => m.HostPort == 0))
        {
            var start = mapping.HostPort;
            if (start == 0)
            {
                used ??= Used();
                used.UnionWith(ports.Select(port => (port.HostPort, port.Protocol)));
                start = Choose(mapping, used);
            }

            for (var i = 0; i < mapping.Count; i++)
                ports.Add(
                    new RequestedPort
                    {
                        HostAddress = mapping.HostAddress is { Length: > 0 } address ? address : null,
                        HostPort = start + i,
                        ContainerPort = mapping.ContainerPort + i,
                        Protocol = mapping.Protocol,
                    }
                );
        }

        return ports;
    }

    private static int Choose(CtrPortMapping mapping, HashSet<(int Port, string Protocol)> used)
    {
        var count = Last - First + 2 - mapping.Count;
        // Not the first free one: a client may still connect to that of a container that was just removed.
        var offset = count > 0 ? RandomNumberGenerator.GetInt32(count) : 0;
        for (var i = 0; i < count; i++)
        {
            var start = First + ((offset + i) % count);
            if (Enumerable.Range(start, mapping.Count).All(port => !used.Contains((port, mapping.Protocol))))
                return start;
        }

        throw new CtrConflictException($"The host has no {mapping.Count} free ports in a row from {First} to {Last} for '{mapping}'.")
        {
            ErrorId = ErrorIds.PortInUse,
            Subject = $"{mapping}",
            Remedy = "Specify the ports of the host, or remove containers that publish ports.",
        };
    }

    private HashSet<(int Port, string Protocol)> Used()
    {
        var used = new HashSet<(int, string)>();
        foreach (var protocol in CtrPortMapping.Protocols)
        foreach (var table in new[] { protocol, protocol + "6" })
            used.UnionWith(Bound(table).Select(port => (port, protocol)));
        used.UnionWith(
            users
                .SelectMany(c => c.Ports)
                .SelectMany(range => Enumerable.Range(range.HostPort, range.Count).Select(port => (port, range.Protocol)))
        );
        used.UnionWith(CniCacheEntry.ReadAll(host.Folders.Results).SelectMany(e => e.Ports).Select(port => (port.HostPort, port.Protocol)));
        return used;
    }

    /// <summary>The local ports of the sockets in a table of the host, such as /proc/net/tcp.</summary>
    private List<int> Bound(string table)
    {
        try
        {
            return
            [
                .. File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{host.Daemon.Pid}/net/{table}"))
                    .Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                    .Where(fields => fields.Length > 1)
                    .Select(fields => fields[1][(fields[1].LastIndexOf(':') + 1)..])
                    .Where(digits => digits.Length == 4)
                    .Select(digits =>
                        int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var port) ? port : 0
                    ),
            ];
        }
        catch (IOException)
        {
            // There is no such table: the kernel lacks IPv6, or a protocol.
            return [];
        }
    }
}
