namespace Containerd.Client;

/// <summary>Options for importing an archive.</summary>
public sealed record ImageImportOptions
{
    /// <summary>
    /// The name for images without one, or the repository for those with only a tag; if null, images with a tag get the repository
    /// <c>import-</c> and the date, as in containerd's own client.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>
    /// The platforms to keep and to unpack; if empty, all platforms of the archive are kept, and the daemon's own is unpacked.
    /// </summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];

    /// <summary>Whether all platforms are unpacked, which must be complete.</summary>
    public bool AllPlatforms { get; init; }

    /// <summary>Whether layers are unpacked to snapshots now, instead of when a container needs them.</summary>
    public bool Unpack { get; init; } = true;

    /// <summary>The snapshotter to unpack to; null for the namespace's default.</summary>
    public string? Snapshotter { get; init; }

    /// <summary>Labels for the images' names.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Receives warnings, such as a platform that was not unpacked, on any thread; null for none.</summary>
    public Action<string>? Warn { get; init; }
}
