using Containerd.Oci.Images;

namespace Containerd.Client.Records;

/// <summary>Converts descriptors from and to the messages of containerd (types.Descriptor).</summary>
internal static class DescriptorConversion
{
    internal static OciDescriptor ToDescriptor(this Wire.Types.ContentDescriptor wire) =>
        new()
        {
            MediaType = wire.MediaType,
            Digest = wire.Digest,
            Size = wire.Size,
            Annotations = new Dictionary<string, string>(wire.Annotations),
        };

    internal static Wire.Types.ContentDescriptor ToWire(this OciDescriptor descriptor)
    {
        var wire = new Wire.Types.ContentDescriptor
        {
            MediaType = descriptor.MediaType,
            Digest = descriptor.Digest,
            Size = descriptor.Size,
        };
        foreach (var (key, value) in descriptor.Annotations ?? [])
            wire.Annotations[key] = value ?? "";
        return wire;
    }
}
