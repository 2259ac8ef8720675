using Containerd.Oci;

namespace Containerd.Client;

/// <summary>Options for pulling an image.</summary>
public sealed record ImagePullOptions
{
    /// <summary>The connection options for its registry.</summary>
    public RegistryOptions Registry { get; init; } = new();

    /// <summary>The platforms to fetch and to unpack; empty for the best platform that the daemon's machine can run.</summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];

    /// <summary>Whether all platforms are fetched and unpacked.</summary>
    public bool AllPlatforms { get; init; }

    /// <summary>Whether layers are unpacked to snapshots now, instead of when a container needs them.</summary>
    public bool Unpack { get; init; } = true;

    /// <summary>The snapshotter to unpack to; null for the namespace's default.</summary>
    public string? Snapshotter { get; init; }

    /// <summary>Labels for the image's name.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The maximum number of blobs that are fetched at the same time.</summary>
    public int Parallel { get; init; } = 3;

    /// <summary>Who fetches.</summary>
    public CtrTransferMethod Method { get; init; }

    /// <summary>Receives warnings, such as a platform that was not unpacked, on any thread; null for none.</summary>
    public Action<string>? Warn { get; init; }
}
