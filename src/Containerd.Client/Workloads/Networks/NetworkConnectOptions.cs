namespace Containerd.Client;

/// <summary>How a container is connected to a network after its creation.</summary>
public sealed record NetworkConnectOptions
{
    /// <summary>Its IPv4 address in the network; null for any.</summary>
    public string? IPAddress { get; init; }

    /// <summary>Its IPv6 address in the network; null for any.</summary>
    public string? IPv6Address { get; init; }

    /// <summary>The hardware address of its interface in the network; null for any.</summary>
    public string? MacAddress { get; init; }

    /// <summary>Further names of the container, for other containers of the network.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Receives warnings; null for none.</summary>
    public IProgress<string>? Warnings { get; init; }
}
