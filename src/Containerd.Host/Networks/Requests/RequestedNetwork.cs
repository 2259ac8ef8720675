namespace Containerd.Host.Networks.Requests;

/// <summary>One network of a container.</summary>
internal sealed record RequestedNetwork
{
    /// <summary>The network's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The name of the interface in the container, such as eth0.</summary>
    public string Interface { get; init; } = "";

    /// <summary>The addresses that the container must get, without prefix length; empty for any.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>
    /// The addresses that the container gets if they are free, without prefix length: those that it had when it was saved. At later starts,
    /// it
    /// asks for those of the last one.
    /// </summary>
    public IReadOnlyList<string> Preferred { get; init; } = [];

    /// <summary>The hardware address; null for any.</summary>
    public string? Mac { get; init; }

    /// <summary>Further names of the container on this network.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    internal RequestedNetwork Complete() =>
        this with
        {
            Name = Name ?? "",
            Interface = Interface ?? "",
            Addresses = Addresses ?? [],
            Preferred = Preferred ?? [],
            Aliases = Aliases ?? [],
        };
}
