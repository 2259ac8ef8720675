using Containerd.Oci.Images;

namespace Containerd.Oci;

/// <summary>An image as one platform sees it: what a container is made from.</summary>
public sealed class ResolvedImage
{
    internal ResolvedImage(string name, OciDescriptor target, ImageManifest manifest, ImageConfig config) =>
        (Name, Target, Manifest, Config) = (name, target, manifest, config);

    /// <summary>The image's full name.</summary>
    public string Name { get; }

    /// <summary>The digest of what the name points to: a manifest or an index.</summary>
    public string Digest => Target.Digest;

    /// <summary>The digest of the manifest that was chosen.</summary>
    public string ManifestDigest => Manifest.Descriptor.Digest;

    /// <summary>The platform of that manifest, such as <c>linux/amd64</c>; empty when the image does not say.</summary>
    public string Platform => Manifest.Platform?.ToString() ?? "";

    /// <summary>What the image says about its containers.</summary>
    public ImageConfig Config { get; }

    internal OciDescriptor Target { get; }

    internal ImageManifest Manifest { get; }
}
