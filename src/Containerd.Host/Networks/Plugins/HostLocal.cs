using System.Net;
using System.Text.Json.Nodes;
using Containerd.Host.Networks.Configuration;

namespace Containerd.Host.Networks.Plugins;

/// <summary>The reservations of the plugin host-local: a file with the name of the address, which has the attachment's id.</summary>
internal static class HostLocal
{
    private const string Type = "host-local";
    private const string Folder = "/var/lib/cni/networks";

    /// <summary>Whether a network gets its addresses from the plugin.</summary>
    internal static bool IsUsedBy(CniNetwork network) => network.Plugins.Any(p => CniJson.Text((p["ipam"] as JsonObject)?["type"]) == Type);

    /// <summary>The attachments and interfaces that have addresses of a network.</summary>
    internal static IEnumerable<(string Attachment, string Interface)> Reservations(CniNetwork network)
    {
        var folder = Path.Combine(
            network.Plugins.Select(p => CniJson.Text((p["ipam"] as JsonObject)?["dataDir"])).FirstOrDefault(d => d is not null) ?? Folder,
            network.Name
        );
        if (!Directory.Exists(folder))
            yield break;
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            // IPv6 addresses have colons.
            if (!IPAddress.TryParse(Path.GetFileName(file), out _) || Lines(file) is not [var attachment, .. var rest])
                continue;
            yield return (attachment, rest is [var found, ..] ? found : "eth0");
        }
    }

    private static string[] Lines(string file)
    {
        try
        {
            return File.ReadAllText(file).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        }
        catch (FileNotFoundException)
        {
            // It was released meanwhile.
            return [];
        }
    }
}
