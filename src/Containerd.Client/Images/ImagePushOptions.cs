using Containerd.Oci;

namespace Containerd.Client;

/// <summary>Options for pushing an image.</summary>
public sealed record ImagePushOptions
{
    /// <summary>The connection options for its registry.</summary>
    public RegistryOptions Registry { get; init; } = new();

    /// <summary>The full or short name to push to; null for the image's own.</summary>
    public string? Destination { get; init; }

    /// <summary>The platforms to push, whose content must exist locally; empty for those whose content exists locally.</summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];

    /// <summary>Whether all platforms are pushed, whose content must exist locally.</summary>
    public bool AllPlatforms { get; init; }

    /// <summary>The maximum number of blobs that are sent at the same time.</summary>
    public int Parallel { get; init; } = 3;

    /// <summary>Who sends.</summary>
    public CtrTransferMethod Method { get; init; }
}
