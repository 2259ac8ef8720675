namespace Containerd.Client;

/// <summary>How far the packing or unpacking of a checkpoint is.</summary>
/// <param name="Packing">Whether an archive is written; else it is read.</param>
/// <param name="Item">The file that is worked on.</param>
/// <param name="Done">Bytes so far.</param>
/// <param name="Total">Bytes in all; 0 when not known.</param>
public sealed record CheckpointProgress(bool Packing, string Item, long Done, long Total);
