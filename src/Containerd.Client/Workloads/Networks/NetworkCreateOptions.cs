namespace Containerd.Client;

/// <summary>The options for a new network.</summary>
public sealed record NetworkCreateOptions
{
    /// <summary>The name: letters, digits, '.', '_' and '-'. <c>host</c>, <c>none</c> and <c>container:</c> are reserved.</summary>
    public required string Name { get; init; }

    /// <summary>The plugin that creates the interfaces: <c>bridge</c>, <c>macvlan</c> or <c>ipvlan</c>.</summary>
    public string Driver { get; init; } = "bridge";

    /// <summary>The parent interface of a macvlan or ipvlan network; null for that of the host's default route.</summary>
    public string? Parent { get; init; }

    /// <summary>One IPv4 subnet, one IPv6 subnet, or one of each; empty for a free IPv4 subnet.</summary>
    public IReadOnlyList<string> Subnets { get; init; } = [];

    /// <summary>The gateway of each subnet; by default, its first address.</summary>
    public IReadOnlyList<string> Gateways { get; init; } = [];

    /// <summary>
    /// The range of each subnet that containers get addresses from, such as <c>10.4.1.128/25</c> or <c>10.4.1.10-10.4.1.20</c>; by default,
    /// all.
    /// </summary>
    public IReadOnlyList<string> IPRanges { get; init; } = [];

    /// <summary>Whether it has an IPv6 subnet, which is chosen if none is specified.</summary>
    public bool IPv6 { get; init; }

    /// <summary>The maximum size of a packet, in bytes; null for that of the interface of the host's default route.</summary>
    public int? Mtu { get; init; }

    /// <summary>Whether its containers reach only each other.</summary>
    public bool Internal { get; init; }

    /// <summary>Whether its containers cannot reach each other.</summary>
    public bool Isolated { get; init; }

    /// <summary>
    /// How its containers find each other by name. A name server requires the program aardvark-dns on the daemon's host, and the driver
    /// bridge.
    /// </summary>
    public CtrNameResolution NameResolution { get; init; }

    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Receives warnings; null for none.</summary>
    public IProgress<string>? Warnings { get; init; }
}
