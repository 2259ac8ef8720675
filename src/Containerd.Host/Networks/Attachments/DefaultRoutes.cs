using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Containerd.Host.Native;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Attachments;

/// <summary>
/// The default routes of a container that runs. Of its networks only one has them, so another one gets them if that one is disconnected.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class DefaultRoutes
{
    // Worse than those of plugins, which have the kernel's own: 0 for IPv4, 1024 for IPv6.
    private const int Backup = 2048;

    /// <summary>A default route.</summary>
    /// <param name="Family">The address family.</param>
    /// <param name="Gateway">The gateway; null for a route to the interface itself.</param>
    internal sealed record DefaultRoute(AddressFamily Family, IPAddress? Gateway)
    {
        /// <summary>The route as a plugin reports it.</summary>
        internal JsonObject ToResult()
        {
            var route = new JsonObject { ["dst"] = Family == AddressFamily.InterNetworkV6 ? "::/0" : "0.0.0.0/0" };
            if (Gateway is not null)
                route["gw"] = Gateway.ToString();
            return route;
        }
    }

    /// <summary>Whether the interface of an attachment has a default route.</summary>
    internal static bool Has(CniCacheEntry entry) => CniJson.Objects(entry.Result?["routes"]).Any(CniRoutes.IsDefault);

    /// <summary>
    /// Chooses the attachment that has the default routes: the first one whose network asks for some and got a gateway. A server for DHCP
    /// may assign an address without one.
    /// </summary>
    /// <param name="folders">The folders.</param>
    /// <param name="entries">The attachments, in the order of the container's networks.</param>
    /// <returns>The attachment; null if no network has default routes.</returns>
    internal static CniCacheEntry? Choose(NetworkFolders folders, IReadOnlyList<CniCacheEntry> entries) =>
        entries.FirstOrDefault(e => Of(folders, e).Count > 0) ?? entries.FirstOrDefault(Has);

    /// <summary>
    /// Leaves only one attachment its default routes. A plugin may have added some that its configuration does not mention.
    /// </summary>
    /// <param name="folders">The folders.</param>
    /// <param name="entries">The attachments, in the order of the container's networks.</param>
    internal static void Settle(NetworkFolders folders, IReadOnlyList<CniCacheEntry> entries)
    {
        if (Choose(folders, entries) is not { } gateway)
            return;
        if (!Has(gateway))
            AddBackup(folders, gateway);
        MoveTo(folders, gateway, entries);
    }

    /// <summary>
    /// Adds the default routes of a network, which are used as soon as those of the former network are gone: at no time is there none.
    /// </summary>
    /// <param name="folders">The folders.</param>
    /// <param name="entry">The attachment.</param>
    /// <exception cref="CtrFileException">NetworkStateFailed.</exception>
    internal static void AddBackup(NetworkFolders folders, CniCacheEntry entry)
    {
        foreach (var route in Of(folders, entry))
            Require(entry, Change(entry, route, isAdded: true, Backup));
    }

    /// <summary>Removes the routes of <see cref="AddBackup"/>.</summary>
    internal static void RemoveBackup(NetworkFolders folders, CniCacheEntry entry)
    {
        foreach (var route in Of(folders, entry))
            _ = Change(entry, route, isAdded: false, Backup);
    }

    /// <summary>
    /// Replaces the routes of <see cref="AddBackup"/> by those that a plugin would have added, and removes the default routes of all other
    /// attachments.
    /// </summary>
    internal static void MoveTo(NetworkFolders folders, CniCacheEntry gateway, IEnumerable<CniCacheEntry> entries)
    {
        if (!Has(gateway))
        {
            var routes = Of(folders, gateway);
            foreach (var route in routes)
                Require(gateway, Change(gateway, route, isAdded: true, metric: 0));
            RemoveBackup(folders, gateway);
            WithRoutes(gateway, routes).Write();
        }

        foreach (var other in entries.Where(e => e.File != gateway.File && Has(e)))
            Remove(other);
    }

    private static void Remove(CniCacheEntry entry)
    {
        foreach (var route in CniJson.Objects(entry.Result?["routes"]).Where(CniRoutes.IsDefault).Select(r => Read(r, entry)).ToList())
            _ = Change(entry, route, isAdded: false, metric: 0);
        WithRoutes(entry, []).Write();
    }

    /// <summary>
    /// The default routes that the configuration of a network asks for, with the gateways that its plugins chose. The configuration is that
    /// of the file, also if its plugins got one without default routes.
    /// </summary>
    private static List<DefaultRoute> Of(NetworkFolders folders, CniCacheEntry entry)
    {
        var routes = new List<DefaultRoute>();
        foreach (var plugin in CniChain.NetworkOf(folders, entry).Plugins)
        {
            if (CniJson.Flag(plugin["isDefaultGateway"]) || CniRoutes.IsDynamic(plugin))
            {
                routes.AddRange(Gateways(entry).GroupBy(g => g.AddressFamily).Select(group => new DefaultRoute(group.Key, group.First())));
            }

            routes.AddRange(
                CniJson.Objects((plugin["ipam"] as JsonObject)?["routes"]).Where(CniRoutes.IsDefault).Select(r => Read(r, entry))
            );
        }

        var families = CniJson.Objects(entry.Result?["ips"]).Select(FamilyOf).ToHashSet();
        return [.. routes.Where(r => families.Contains(r.Family)).DistinctBy(r => r.Family)];
    }

    private static DefaultRoute Read(JsonObject route, CniCacheEntry entry)
    {
        var family = CniRoutes.IsV6(route) ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        return new(
            family,
            IPAddress.TryParse(CniJson.Text(route["gw"]), out var own) && own.AddressFamily == family
                ? own
                : Gateways(entry).FirstOrDefault(g => g.AddressFamily == family)
        );
    }

    private static IEnumerable<IPAddress> Gateways(CniCacheEntry entry) =>
        CniJson
            .Objects(entry.Result?["ips"])
            .Select(ip => IPAddress.TryParse(CniJson.Text(ip["gateway"]), out var gateway) ? gateway : null)
            .OfType<IPAddress>();

    private static AddressFamily FamilyOf(JsonObject ip) =>
        CniJson.Text(ip["address"])?.Contains(':', StringComparison.Ordinal) == true
            ? AddressFamily.InterNetworkV6
            : AddressFamily.InterNetwork;

    private static CniCacheEntry WithRoutes(CniCacheEntry entry, IEnumerable<DefaultRoute> routes)
    {
        var result = (JsonObject)(entry.Result?.DeepClone() ?? new JsonObject());
        var all = new JsonArray();
        foreach (var route in CniJson.Objects(result["routes"]).Where(r => !CniRoutes.IsDefault(r)).ToList())
            all.Add(route.DeepClone());
        foreach (var route in routes)
            all.Add((JsonNode)route.ToResult());
        result["routes"] = all;
        return entry with { Result = result };
    }

    private static int Change(CniCacheEntry entry, DefaultRoute route, bool isAdded, int metric) =>
        LibcRoutes.InNamespace(entry.Netns, () => LibcRoutes.ChangeDefault(isAdded, entry.Interface, route.Family, route.Gateway, metric));

    private static void Require(CniCacheEntry entry, int error)
    {
        if (error is not (0 or LibcRoutes.EEXIST))
            throw NetworkStateErrors.Failed($"The default route of the interface '{entry.Interface}' cannot be added", error);
    }
}
