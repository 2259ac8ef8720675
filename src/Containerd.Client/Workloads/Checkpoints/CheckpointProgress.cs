namespace Containerd.Client;

/// <summary>The progress of packing or unpacking a checkpoint.</summary>
/// <param name="Packing">Whether an archive is written; otherwise it is read.</param>
/// <param name="Item">The current file.</param>
/// <param name="Done">The bytes so far.</param>
/// <param name="Total">The total bytes; 0 if not known.</param>
public sealed record CheckpointProgress(bool Packing, string Item, long Done, long Total);
