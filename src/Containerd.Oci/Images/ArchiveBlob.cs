namespace Containerd.Oci.Images;

/// <summary>A file of an archive that was stored in the content store.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Compressed">Whether it starts like a compressed file.</param>
internal sealed record ArchiveBlob(string Digest, long Size, bool Compressed);
