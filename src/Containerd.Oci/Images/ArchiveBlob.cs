namespace Containerd.Oci.Images;

/// <summary>A file of an archive that is in the content store now.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Compressed">Whether it begins as a compressed file does.</param>
internal sealed record ArchiveBlob(string Digest, long Size, bool Compressed);
