using Containerd.Oci.Images;

namespace Containerd.Oci.Layouts;

/// <summary>An index or a manifest that was read from a registry.</summary>
/// <param name="Descriptor">Its descriptor, as its parent has it.</param>
/// <param name="Json">Its bytes, which have the digest.</param>
/// <param name="Document">Its content.</param>
internal sealed record RegistryDocument(OciDescriptor Descriptor, byte[] Json, OciDocument Document);
