namespace Containerd.Client;

/// <summary>Options for exporting images.</summary>
public sealed record ImageExportOptions
{
    /// <summary>The format of the archive.</summary>
    public CtrImageArchiveFormat Format { get; init; }

    /// <summary>The platforms to export; empty for all whose content exists locally.</summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];

    /// <summary>Whether all platforms of the images are exported, whose content must exist locally.</summary>
    public bool AllPlatforms { get; init; }

    /// <summary>Whether an existing file is an error.</summary>
    public bool NoClobber { get; init; }
}
