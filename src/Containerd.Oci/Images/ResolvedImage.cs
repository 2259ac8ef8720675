using Containerd.Oci.Images;

namespace Containerd.Oci;

/// <summary>An image for one platform, from which a container is created.</summary>
public sealed class ResolvedImage
{
    internal ResolvedImage(string name, OciDescriptor target, ImageManifest manifest, ImageConfig config) =>
        (Name, Target, Manifest, Config) = (name, target, manifest, config);

    /// <summary>The full name of the image.</summary>
    public string Name { get; }

    /// <summary>The digest of the content that the name refers to: a manifest or an index.</summary>
    public string Digest => Target.Digest;

    /// <summary>The digest of the selected manifest.</summary>
    public string ManifestDigest => Manifest.Descriptor.Digest;

    /// <summary>The platform of that manifest, such as <c>linux/amd64</c>; empty if the image does not specify it.</summary>
    public string Platform => Manifest.Platform?.ToString() ?? "";

    /// <summary>The configuration for containers of the image.</summary>
    public ImageConfig Config { get; }

    internal OciDescriptor Target { get; }

    internal ImageManifest Manifest { get; }
}
