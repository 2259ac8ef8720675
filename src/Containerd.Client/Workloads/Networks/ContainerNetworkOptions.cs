using Containerd.Host.Networks.Requests;

namespace Containerd.Client;

/// <summary>The networks, published ports and names of a new container. Without any of these it has only a loopback interface.</summary>
public sealed record ContainerNetworkOptions
{
    /// <summary>
    /// The networks: names, or one of <c>host</c>, <c>none</c> and <c>container:</c> with the id or name of a container. Empty for the
    /// default network if ports are published, otherwise for none.
    /// </summary>
    public IReadOnlyList<string> Networks { get; init; } = [];

    /// <summary>The ports of the host that are forwarded to the container.</summary>
    public IReadOnlyList<CtrPortMapping> Ports { get; init; } = [];

    /// <summary>Its IPv4 address, in a subnet of one of the networks; null for any.</summary>
    public string? IPAddress { get; init; }

    /// <summary>Its IPv6 address, in a subnet of one of the networks; null for any.</summary>
    public string? IPv6Address { get; init; }

    /// <summary>The hardware address of its first interface; null for any.</summary>
    public string? MacAddress { get; init; }

    /// <summary>Further names of the container, for other containers of its networks.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The addresses of the name servers; empty for those of the host.</summary>
    public IReadOnlyList<string> DnsServers { get; init; } = [];

    /// <summary>The domains in which names are searched; empty for those of the host, and one dot for none.</summary>
    public IReadOnlyList<string> DnsSearch { get; init; } = [];

    /// <summary>Options of the resolver, such as <c>ndots:1</c>; empty for those of the host.</summary>
    public IReadOnlyList<string> DnsOptions { get; init; } = [];

    /// <summary>Further lines of its <c>/etc/hosts</c>.</summary>
    public IReadOnlyList<CtrHostEntry> HostEntries { get; init; } = [];

    /// <summary>The addresses that a restored container had, by network, which it gets if they are free.</summary>
    internal IReadOnlyDictionary<string, IReadOnlyList<string>> PreferredAddresses { get; init; } =
        new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>The networks of a restored container, whose names and hardware addresses can differ from network to network.</summary>
    internal IReadOnlyList<RequestedNetwork> Restored { get; init; } = [];

    /// <summary>Whether anything is specified.</summary>
    internal bool IsEmpty => Networks.Count == 0 && !NeedsNetwork && !NeedsFiles;

    /// <summary>Whether something is specified that only a network of its own can have.</summary>
    internal bool NeedsNetwork =>
        Ports.Count > 0 || Aliases.Count > 0 || IPAddress is not null || IPv6Address is not null || MacAddress is not null;

    /// <summary>Whether something is specified that is written to its files.</summary>
    internal bool NeedsFiles => DnsServers.Count > 0 || DnsSearch.Count > 0 || DnsOptions.Count > 0 || HostEntries.Count > 0;
}
