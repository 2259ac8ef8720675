namespace Containerd.Host.Networks.Requests;

/// <summary>A container whose rules for a network were missing.</summary>
internal sealed record RepairedAttachment
{
    /// <summary>The containerd namespace.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The container's id.</summary>
    public string Container { get; init; } = "";

    /// <summary>The network.</summary>
    public string Network { get; init; } = "";

    /// <summary>The interface in the container.</summary>
    public string Interface { get; init; } = "";
}
