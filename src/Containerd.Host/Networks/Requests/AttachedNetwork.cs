namespace Containerd.Host.Networks.Requests;

/// <summary>An interface of a container and its addresses.</summary>
internal sealed record AttachedNetwork
{
    /// <summary>The network's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The interface in the container.</summary>
    public string Interface { get; init; } = "";

    /// <summary>The hardware address.</summary>
    public string Mac { get; init; } = "";

    /// <summary>The addresses with prefix length, as 10.4.0.2/24.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>The gateways of the addresses.</summary>
    public IReadOnlyList<string> Gateways { get; init; } = [];

    /// <summary>The addresses of the host at which a name server answers for the network; empty if names are in the hosts files.</summary>
    public IReadOnlyList<string> NameServers { get; init; } = [];

    /// <summary>Whether the network is internal, so that its name server forwards no requests.</summary>
    public bool IsInternal { get; init; }
}
