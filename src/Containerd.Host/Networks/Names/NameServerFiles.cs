using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Names;

/// <summary>
/// The files of the name server, one for each network: a line with the addresses to listen at, and one for each container, with its id,
/// IPv4 addresses, IPv6 addresses, names, and the servers that its other requests are forwarded to (by default, those of the host).
/// </summary>
[SupportedOSPlatform("linux")]
internal static class NameServerFiles
{
    // Not the name of a network alone: the program writes a file with its process id to the folder.
    private const string Prefix = "network-";

    // The program knows such a network as internal, and forwards no requests of its containers.
    private const string InternalSuffix = "%int";

    // Versions before 1.7 do not know the suffix. They cannot send to this address.
    private const string NoServer = "255.255.255.255";

    /// <summary>Whether a file is one of these.</summary>
    internal static bool IsFile(string name) => name.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The files.</summary>
    /// <param name="containers">The containers that are attached.</param>
    /// <param name="canListen">Whether the program can listen at an address. A network without one has no file.</param>
    /// <returns>Their texts, by name.</returns>
    internal static SortedDictionary<string, string> Write(IEnumerable<AttachmentRecord> containers, Func<string, bool> canListen)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (
            var group in containers
                .SelectMany(c => c.Networks.Where(n => n.NameServers.Count > 0).Select(n => (Container: c, Network: n)))
                .GroupBy(one => one.Network.Name, StringComparer.Ordinal)
        )
        {
            var addresses = AddressesOf(group.Select(one => one.Network)).Where(canListen).ToList();
            if (addresses.Count == 0)
                continue;
            var all = group.OrderBy(one => one.Container.Request.Attachment, StringComparer.Ordinal).ToList();
            var name = Prefix + group.Key + (all[0].Network.IsInternal ? InternalSuffix : "");
            files[name] = string.Join(',', addresses) + "\n" + string.Concat(all.Select(one => Line(one.Container, one.Network) + "\n"));
        }

        return files;
    }

    /// <summary>The addresses that a file names.</summary>
    internal static string[] AddressesOf(string text) => text.Split('\n')[0].Split(',');

    private static IEnumerable<string> AddressesOf(IEnumerable<AttachedNetwork> networks) =>
        networks.SelectMany(n => n.NameServers).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private static string Line(AttachmentRecord container, AttachedNetwork network)
    {
        var addresses = network.Addresses.Select(a => a.Split('/')[0]).Select(a => IPAddress.TryParse(a, out var ip) ? ip : null).ToList();
        var servers = network.IsInternal ? [NoServer] : container.Request.Dns?.Servers ?? [];
        var line = string.Join(
            ' ',
            container.Request.Attachment,
            Join(AddressFamily.InterNetwork),
            Join(AddressFamily.InterNetworkV6),
            string.Join(',', container.NamesIn(network.Name).Where(NameQuery.IsName))
        );
        return servers.Count > 0 ? $"{line} {string.Join(',', servers)}" : line;

        string Join(AddressFamily family) => string.Join(',', addresses.Where(a => a?.AddressFamily == family));
    }
}
