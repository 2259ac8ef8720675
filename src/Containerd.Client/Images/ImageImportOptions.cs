namespace Containerd.Client;

/// <summary>How an archive is imported.</summary>
public sealed record ImageImportOptions
{
    /// <summary>
    /// The name for images that carry none, or the repository for those that carry a tag alone; null for none, which gives those with a tag
    /// the repository <c>import-</c> and the date, as containerd's own client does.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>The platforms to keep and to unpack; empty for all that the archive has, of which the daemon's own is unpacked.</summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];

    /// <summary>Whether every platform must be complete and is unpacked.</summary>
    public bool AllPlatforms { get; init; }

    /// <summary>Whether layers become snapshots now, rather than when a container needs them.</summary>
    public bool Unpack { get; init; } = true;

    /// <summary>The snapshotter to unpack to; null for the namespace's default.</summary>
    public string? Snapshotter { get; init; }

    /// <summary>Labels for the images' names.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Receives warnings, such as a platform that was not unpacked, on any thread; null for none.</summary>
    public Action<string>? Warn { get; init; }
}
