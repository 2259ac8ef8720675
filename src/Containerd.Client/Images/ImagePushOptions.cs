using Containerd.Oci;

namespace Containerd.Client;

/// <summary>How an image is pushed.</summary>
public sealed record ImagePushOptions
{
    /// <summary>How its registry is reached.</summary>
    public RegistryOptions Registry { get; init; } = new();

    /// <summary>The full or short name to push to; null for the image's own.</summary>
    public string? Destination { get; init; }

    /// <summary>The platforms to push, whose content must be here; empty for those whose content is here.</summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];

    /// <summary>Whether all platforms must be here and are pushed.</summary>
    public bool AllPlatforms { get; init; }

    /// <summary>How many blobs are sent at a time.</summary>
    public int Parallel { get; init; } = 3;

    /// <summary>Who sends.</summary>
    public CtrTransferMethod Method { get; init; }
}
