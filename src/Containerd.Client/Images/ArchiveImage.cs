using Containerd.Oci.Images;

namespace Containerd.Client.Images;

/// <summary>An image in an archive.</summary>
/// <param name="Name">Its name in the archive: full, only a tag, or null for none.</param>
/// <param name="Target">The target of the name.</param>
internal sealed record ArchiveImage(string? Name, OciDescriptor Target);
