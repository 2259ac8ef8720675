using Containerd.Oci.Images;

namespace Containerd.Client.Images;

/// <summary>An image that an archive holds.</summary>
/// <param name="Name">Its name as the archive has it: full, a tag alone, or null for none.</param>
/// <param name="Target">What the name points to.</param>
internal sealed record ArchiveImage(string? Name, OciDescriptor Target);
