namespace Containerd.Client;

/// <summary>Options for testing an image.</summary>
public sealed record ImageTestOptions
{
    /// <summary>
    /// The platforms that must exist locally; empty for the best platform that the daemon's machine can run, and the local content of
    /// others.
    /// </summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];

    /// <summary>Whether every platform must exist locally.</summary>
    public bool AllPlatforms { get; init; }

    /// <summary>Whether the bytes are read and compared with their digests.</summary>
    public bool ReadContent { get; init; } = true;

    /// <summary>Whether the layers must be unpacked.</summary>
    public bool RequireUnpacked { get; init; } = true;

    /// <summary>The snapshotter that they must be unpacked to; null for the namespace's default.</summary>
    public string? Snapshotter { get; init; }
}
