namespace Containerd.Client;

/// <summary>The options for the export of a volume.</summary>
public sealed record VolumeExportOptions
{
    /// <summary>The file. Its extension selects the compression: <c>.tar</c>, <c>.tar.gz</c>, <c>.tgz</c>, <c>.tar.zst</c>.</summary>
    public required string Path { get; init; }

    /// <summary>Whether an existing file is an error.</summary>
    public bool NoClobber { get; init; }

    /// <summary>Receives warnings, such as about items that cannot be in an archive; null for none.</summary>
    public IProgress<string>? Warnings { get; init; }
}
