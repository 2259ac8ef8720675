namespace Containerd.Host.Networks.Requests;

/// <summary>A line of the container's hosts file.</summary>
internal sealed record RequestedHost
{
    /// <summary>
    /// The address that stands for the gateway of the container's first network, which is known only when it is attached.
    /// </summary>
    internal const string Gateway = "host-gateway";

    /// <summary>The name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its address, or <see cref="Gateway"/>.</summary>
    public string Address { get; init; } = "";

    internal RequestedHost Complete() => this with { Name = Name ?? "", Address = Address ?? "" };
}
