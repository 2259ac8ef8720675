namespace Containerd.Oci;

/// <summary>The progress of an import, a pull or a push.</summary>
/// <param name="Stage">The current stage.</param>
/// <param name="Item">The file in the archive, or the blob's digest.</param>
/// <param name="Done">The number of completed bytes or layers.</param>
/// <param name="Total">The total number of bytes or layers; 0 if it is not known.</param>
public sealed record ImageProgress(ImageProgressStage Stage, string Item, long Done, long Total);
