using System.Net;
using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Containerd.Host.Native;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;
using Containerd.Host.Processes;

namespace Containerd.Host.Networks.Attachments;

/// <summary>The published ports of a container that runs: on one of its networks, by the plugin portmap.</summary>
[SupportedOSPlatform("linux")]
internal static class PublishedPorts
{
    private const string Udp = "udp";
    private const string Backend = "backend";
    private const string Nftables = "nftables";

    /// <summary>Whether the ports are published on the network of an attachment.</summary>
    internal static bool Has(CniCacheEntry entry) => entry.Capabilities?[AttachmentPlan.PortMappings] is not null;

    /// <summary>Whether a plugin publishes ports.</summary>
    internal static bool IsPublisher(JsonObject plugin) =>
        plugin["capabilities"] is JsonObject all && CniJson.Flag(all[AttachmentPlan.PortMappings]);

    /// <summary>
    /// Whether the plugin adds rules of nftables: if its configuration says so, or if there is no iptables. It then removes the rules of
    /// all networks of a container with those of one, and adds rules again that exist.
    /// </summary>
    internal static bool UseNftables(CniNetwork network) =>
        network.Plugins.FirstOrDefault(IsPublisher) is { } plugin
        && (CniJson.Text(plugin[Backend]) is { } backend ? backend == Nftables : HostProgram.FindSystem("iptables") is null);

    /// <summary>Removes the rules of the published ports of an attachment. Connections that exist continue; datagrams have none.</summary>
    /// <exception cref="CtrException">The plugin failed.</exception>
    internal static void Withdraw(NetworkFolders folders, CniCacheEntry entry, TimeBudget budget)
    {
        try
        {
            CniChain.Repeat(folders, entry, IsPublisher, budget, isRemoved: true);
        }
        catch (CniPluginException e)
        {
            throw e.ToError(entry.Network, []);
        }

        var capabilities = (JsonObject)(entry.Capabilities?.DeepClone() ?? new JsonObject());
        capabilities.Remove(AttachmentPlan.PortMappings);
        (entry with { Capabilities = capabilities.Count > 0 ? capabilities : null }).Write();
        ForgetDatagrams(entry);
    }

    /// <summary>
    /// A program that keeps sending datagrams from one port has one connection for the kernel. The plugin makes the kernel forget such
    /// connections when it publishes ports, and new ones are made by the former rules until these are removed.
    /// </summary>
    private static void ForgetDatagrams(CniCacheEntry entry)
    {
        var ports = entry.Ports.Where(p => p.Protocol == Udp).Select(p => p.ContainerPort).ToHashSet();
        if (ports.Count == 0)
            return;
        foreach (var address in entry.Addresses)
            LibcConntrack.Forget(IPAddress.Parse(address.Split('/')[0]), ports);
    }

    /// <summary>Publishes ports on the network of an attachment, too.</summary>
    /// <exception cref="CtrException">The plugin failed.</exception>
    internal static void Publish(NetworkFolders folders, CniCacheEntry entry, JsonArray ports, TimeBudget budget)
    {
        var capabilities = (JsonObject)(entry.Capabilities?.DeepClone() ?? new JsonObject());
        capabilities[AttachmentPlan.PortMappings] = ports;
        try
        {
            CniChain.Repeat(folders, entry with { Capabilities = capabilities }, IsPublisher, budget);
        }
        catch (CniPluginException e)
        {
            throw e.ToError(entry.Network, []);
        }
    }
}
