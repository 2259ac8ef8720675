namespace Containerd.Client;

/// <summary>The options for the import of a volume.</summary>
public sealed record VolumeImportOptions
{
    /// <summary>The archive: a tar, uncompressed or compressed with gzip or zstd.</summary>
    public required string Path { get; init; }

    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Receives warnings, such as about devices, which are left out; null for none.</summary>
    public IProgress<string>? Warnings { get; init; }
}
