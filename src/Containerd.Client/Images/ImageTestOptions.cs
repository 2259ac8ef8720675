namespace Containerd.Client;

/// <summary>How an image is tested.</summary>
public sealed record ImageTestOptions
{
    /// <summary>The platforms that must be here; empty for the best that the daemon's machine runs, and what is here of others.</summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];

    /// <summary>Whether every platform must be here.</summary>
    public bool AllPlatforms { get; init; }

    /// <summary>Whether the bytes are read and compared with their digests.</summary>
    public bool ReadContent { get; init; } = true;

    /// <summary>Whether the layers must be unpacked.</summary>
    public bool RequireUnpacked { get; init; } = true;

    /// <summary>The snapshotter that they must be unpacked to; null for the namespace's default.</summary>
    public string? Snapshotter { get; init; }
}
