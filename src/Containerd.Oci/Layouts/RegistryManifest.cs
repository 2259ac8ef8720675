namespace Containerd.Oci;

/// <summary>What a registry stores under an image's name: a manifest, or an index of manifests.</summary>
public sealed record RegistryManifest
{
    /// <summary>The full name that was asked for.</summary>
    public required string Name { get; init; }

    /// <summary>The digest of the document.</summary>
    public required string Digest { get; init; }

    /// <summary>The media type of the document.</summary>
    public required string MediaType { get; init; }

    /// <summary>The document as the registry sent it: JSON whose bytes have the digest.</summary>
    public required ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>
    /// The platforms that an index lists, such as <c>linux/arm64</c>; empty for a manifest, whose config names its platform.
    /// </summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];
}
