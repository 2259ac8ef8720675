namespace Containerd.Host.Networks.Configuration;

/// <summary>
/// A network that the module creates: a bridge with addresses of host-local, or a plugin that uses an interface of the host.
/// </summary>
internal sealed record NetworkDefinition
{
    /// <summary>The plugin that makes the interfaces: bridge, macvlan or ipvlan.</summary>
    internal string Driver { get; init; } = "bridge";

    /// <summary>The network's name.</summary>
    internal string Name { get; init; } = "";

    /// <summary>The bridge (at most 15 characters), or the parent interface.</summary>
    internal string HostInterface { get; init; } = "";

    /// <summary>One IPv4 subnet, one IPv6 subnet, or both.</summary>
    internal IReadOnlyList<CniSubnet> Subnets { get; init; } = [];

    /// <summary>The MTU; null for the plugin's own.</summary>
    internal int? Mtu { get; init; }

    /// <summary>Whether containers have no way out, and no ports can be published.</summary>
    internal bool Internal { get; init; }

    /// <summary>Whether containers of this network cannot reach each other; requires the firewall plugin of version 1.7 or later.</summary>
    internal bool Isolated { get; init; }

    /// <summary>Whether its containers find each other by a name server at the bridge's address.</summary>
    internal bool Dns { get; init; }

    /// <summary>Whether it is the default network.</summary>
    internal bool Default { get; init; }

    /// <summary>Its labels.</summary>
    internal IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Further keys of the first plugin, such as the mode of macvlan.</summary>
    internal IReadOnlyDictionary<string, string> DriverOptions { get; init; } = new Dictionary<string, string>();

    /// <summary>The folder of host-local's reservations; null for its own.</summary>
    internal string? Addresses { get; init; }

    /// <summary>Whether the firewall plugin is used; false where it is not installed.</summary>
    internal bool Firewall { get; init; } = true;

    /// <summary>The name of the bridge of a network: br- and twelve digits of a hash, as nerdctl's.</summary>
    /// <param name="name">The network's name.</param>
    /// <param name="uuid">The uuid of a private daemon; null for the machine's daemon.</param>
    internal static string BridgeOf(string name, string? uuid) =>
        "br-" + Requests.NetworkFolders.HashOf(uuid is null ? name : $"{uuid}/{name}", 12);
}
