namespace Containerd.Client;

/// <summary>How images are exported.</summary>
public sealed record ImageExportOptions
{
    /// <summary>The form of the archive.</summary>
    public CtrImageArchiveFormat Format { get; init; }

    /// <summary>The platforms to export; empty for all whose content is here.</summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];

    /// <summary>Whether every platform of the images must be here, and is exported.</summary>
    public bool AllPlatforms { get; init; }

    /// <summary>Whether a file that exists already is an error.</summary>
    public bool NoClobber { get; init; }
}
