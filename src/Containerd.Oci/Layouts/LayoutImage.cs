namespace Containerd.Oci;

/// <summary>An image in an OCI image layout.</summary>
public sealed record LayoutImage
{
    /// <summary>The full name of the image.</summary>
    public required string Name { get; init; }

    /// <summary>The digest of what the name stands for in the registry: a manifest or an index.</summary>
    public required string Digest { get; init; }

    /// <summary>
    /// The digests of the documents that the layout's <c>index.json</c> lists for the image: the manifest of each chosen platform, or the
    /// one document of the image.
    /// </summary>
    public required IReadOnlyList<string> Manifests { get; init; }

    /// <summary>The size of the documents, configs and layers, in bytes.</summary>
    public required long Size { get; init; }
}
