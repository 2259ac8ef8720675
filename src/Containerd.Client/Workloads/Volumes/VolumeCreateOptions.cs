namespace Containerd.Client;

/// <summary>The options for a new volume.</summary>
public sealed record VolumeCreateOptions
{
    /// <summary>
    /// The name: letters, digits, '.', '_' and '-', after a letter or digit; null for an anonymous volume, whose name is generated.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
}
