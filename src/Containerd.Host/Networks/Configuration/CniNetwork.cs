using System.Text.Json.Nodes;

namespace Containerd.Host.Networks.Configuration;

/// <summary>A network: a conflist, or a conf with one plugin, of any program. What the plugins get is passed on unchanged.</summary>
internal sealed record CniNetwork
{
    /// <summary>The capability of plugins that publish ports.</summary>
    internal const string PortMappings = "portMappings";

    /// <summary>The file.</summary>
    internal string Path { get; init; } = "";

    /// <summary>The file's bytes, which libcni's cache keeps for the removal.</summary>
    internal byte[] Content { get; init; } = [];

    /// <summary>The network's name.</summary>
    internal string Name { get; init; } = "";

    /// <summary>The version of the CNI specification that it is used with: the highest that it lists and the module knows.</summary>
    internal CniVersion Version { get; init; } = CniVersion.Lowest;

    /// <summary>The plugins' objects, in the order of ADD.</summary>
    internal IReadOnlyList<JsonObject> Plugins { get; init; } = [];

    /// <summary>The program that wrote it.</summary>
    internal CniAuthor Author { get; init; }

    /// <summary>The labels of the module, or those of nerdctl.</summary>
    internal IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>nerdctl's id of the network; null if it has none.</summary>
    internal string? NerdctlId { get; init; }

    /// <summary>Whether it is the default network of the module or of nerdctl.</summary>
    internal bool IsDefault { get; init; }

    /// <summary>The type of the first plugin, which makes the interface: bridge, macvlan, ….</summary>
    internal string Driver => Plugins is [var first, ..] ? CniJson.Text(first["type"]) ?? "" : "";

    /// <summary>The bridge of the host, or the parent interface; null if the first plugin names none.</summary>
    internal string? HostInterface =>
        Plugins is [var first, ..] ? CniJson.Text(first["bridge"]) ?? (Driver == "bridge" ? "cni0" : CniJson.Text(first["master"])) : null;

    /// <summary>The subnets of the address plugin.</summary>
    internal IReadOnlyList<CniSubnet> Subnets => CniSubnet.Of(Plugins);

    /// <summary>The MTU; null if none is set.</summary>
    internal int? Mtu => Plugins is [var first, ..] ? CniJson.Number(first["mtu"]) : null;

    /// <summary>Whether containers have no way out: a bridge without an address of the host, and without a default route.</summary>
    internal bool IsInternal => Driver == "bridge" && (IsMarkedInternal || !HasGateway);

    /// <summary>Whether containers of the network cannot reach those of other networks of the firewall plugin.</summary>
    internal string? IngressPolicy => Plugins.Select(p => CniJson.Text(p["ingressPolicy"])).FirstOrDefault(p => p is not null);

    /// <summary>Whether a plugin has a capability, such as portMappings.</summary>
    internal bool Has(string capability) => Plugins.Any(p => p["capabilities"] is JsonObject all && CniJson.Flag(all[capability]));

    /// <summary>
    /// Whether containers find each other by a name server at the bridge's address. The key of another driver is ignored: there is no such
    /// address.
    /// </summary>
    internal bool HasNameServer => UsesDns && Driver == "bridge" && HasGateway;

    /// <summary>Whether the module's own data asks for name resolution by DNS.</summary>
    internal bool UsesDns { get; init; }

    /// <summary>Whether the module created it as internal, although the bridge has an address, for a name server.</summary>
    internal bool IsMarkedInternal { get; init; }

    private bool HasGateway => CniJson.Flag(Plugins[0]["isGateway"]) || CniJson.Flag(Plugins[0]["isDefaultGateway"]);

    /// <summary>
    /// Whether ports can be published on the network, on these addresses of the host: a packet is only sent on to an address of the same
    /// family. Subnets that are not known may have any.
    /// </summary>
    internal bool CanPublish(IEnumerable<string> hostAddresses) => Has(PortMappings) && hostAddresses.All(HasFamilyOf);

    /// <summary>Whether containers of the network have addresses of the same family as an address.</summary>
    internal bool HasFamilyOf(string address) => Subnets is not [_, ..] all || all.Any(s => IsV6(s.Subnet) == IsV6(address));

    private static bool IsV6(string address) => address.Contains(':', StringComparison.Ordinal);

    /// <summary>Whether the network gives its containers a default route.</summary>
    internal bool HasDefaultRoute => Plugins.Any(p => CniRoutes.HasDefault(p));

    /// <summary>The types of all plugins, with those that assign addresses.</summary>
    internal IEnumerable<string> PluginTypes =>
        Plugins.SelectMany(p => new[] { CniJson.Text(p["type"]), CniJson.Text((p["ipam"] as JsonObject)?["type"]) }).OfType<string>();
}
