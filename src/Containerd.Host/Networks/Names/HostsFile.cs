using System.Net;
using System.Runtime.Versioning;
using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Names;

/// <summary>
/// The hosts file of a container: one region between two marks is the module's, all other lines are the container's own.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class HostsFile
{
    private const string Start = "# <containerd-powershell>\n";
    private const string End = "# </containerd-powershell>\n";

    private const string Loopback = """
        127.0.0.1	localhost
        ::1	localhost ip6-localhost ip6-loopback
        fe00::0	ip6-localnet
        ff00::0	ip6-mcastprefix
        ff02::1	ip6-allnodes
        ff02::2	ip6-allrouters

        """;

    /// <summary>The content of a new file.</summary>
    /// <param name="lines">The lines of the region: an address, a tab, and names.</param>
    internal static string Create(IEnumerable<string> lines) => Loopback + Region(lines);

    /// <summary>Replaces the region of a text; without one, it is added at the end.</summary>
    internal static string Replace(string text, IEnumerable<string> lines)
    {
        var start = text.IndexOf(Start, StringComparison.Ordinal);
        var end = start < 0 ? -1 : text.IndexOf(End, start, StringComparison.Ordinal);
        // A mark without the other one is a line like any other.
        return end >= 0 ? text[..start] + Region(lines) + text[(end + End.Length)..]
            : text.Length == 0 || text.EndsWith('\n') ? text + Region(lines)
            : text + "\n" + Region(lines);
    }

    /// <summary>The lines of a container that is attached.</summary>
    /// <param name="own">The container.</param>
    /// <param name="all">All containers of the daemon that are attached.</param>
    internal static IEnumerable<string> Lines(AttachmentRecord own, IEnumerable<AttachmentRecord> all)
    {
        var gateway = own.Networks.SelectMany(n => n.Gateways).FirstOrDefault(g => g.Length > 0);
        foreach (var host in own.Request.Hosts)
        {
            if (host.Address != RequestedHost.Gateway)
                yield return $"{host.Address}\t{host.Name}";
            else if (gateway is not null)
                yield return $"{gateway}\t{host.Name}";
        }

        foreach (var line in LinesOf(own, own))
            yield return line;
        var others = all.Where(o =>
                o.Request.Attachment != own.Request.Attachment && o.Request.Namespace == own.Request.Namespace && o.Complete && o.IsAlive()
            )
            .OrderBy(o => o.Request.Attachment, StringComparer.Ordinal);
        foreach (var line in others.SelectMany(other => LinesOf(other, own)))
            yield return line;
    }

    /// <summary>The lines of a container that is not attached.</summary>
    internal static IEnumerable<string> Lines(NetworkRequest request) => Lines(new AttachmentRecord { Request = request }, []);

    /// <summary>Replaces the region of a file.</summary>
    /// <returns>Returns false if the file does not exist or is not a file that the module can write.</returns>
    internal static bool Update(string path, IEnumerable<string> lines) => MountedFile.Change(path, text => Replace(text, lines));

    private static IEnumerable<string> LinesOf(AttachmentRecord container, AttachmentRecord reader)
    {
        foreach (var network in reader.Networks)
        {
            // The name server of the network answers for the others.
            if (network.NameServers.Count > 0 && container.Request.Attachment != reader.Request.Attachment)
                continue;
            foreach (var found in container.Networks.Where(n => n.Name == network.Name))
            {
                var names = container.NamesIn(found.Name);
                foreach (var address in found.Addresses.Select(a => a.Split('/')[0]).Where(a => IPAddress.TryParse(a, out _)))
                    yield return $"{address}\t{string.Join(' ', names)}";
            }
        }
    }

    private static string Region(IEnumerable<string> lines) => Start + string.Concat(lines.Select(l => l + "\n")) + End;
}
