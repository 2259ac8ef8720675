namespace Containerd.Oci;

/// <summary>How far an import, a pull or a push has come.</summary>
/// <param name="Stage">What is being done.</param>
/// <param name="Item">The file in the archive, or the blob's digest.</param>
/// <param name="Done">Bytes or layers that are done.</param>
/// <param name="Total">Bytes or layers in all; 0 when that is not known.</param>
public sealed record ImageProgress(ImageProgressStage Stage, string Item, long Done, long Total);
