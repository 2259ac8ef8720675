namespace Containerd.Oci.Images;

/// <summary>A manifest in the store, reached from an image's target: one platform's image.</summary>
/// <param name="Descriptor">Its descriptor, as its parent has it.</param>
/// <param name="Document">The manifest; null when the store does not have it.</param>
/// <param name="Platform">What it is for; null when neither its descriptor nor its config says.</param>
internal sealed record ImageManifest(OciDescriptor Descriptor, OciDocument? Document, ImagePlatform? Platform)
{
    /// <summary>The bytes of manifest, config and layers.</summary>
    public long Size => Document is null ? 0 : Descriptor.Size + Document.Children().Sum(c => c.Size);
}
