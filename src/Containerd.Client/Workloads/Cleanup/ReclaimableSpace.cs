using Containerd.Client.Storage;

namespace Containerd.Client.Workloads.Cleanup;

/// <summary>The blobs, snapshots and volumes that a clean-up would remove, with their sizes where they could be measured.</summary>
/// <param name="Items">The blobs and snapshots, with the size that their removal would free; null if it is not known.</param>
/// <param name="Volumes">The sizes of the volumes by name; null if one is not known.</param>
/// <param name="Ingests">The bytes of the unfinished writes.</param>
internal sealed record ReclaimableSpace(
    IReadOnlyDictionary<StorageGraph.Node, long?> Items,
    IReadOnlyDictionary<string, long?> Volumes,
    long Ingests
)
{
    /// <summary>The total size; null if a part of it is not known.</summary>
    internal long? Size => Items.Values.Concat(Volumes.Values).Aggregate((long?)Ingests, (sum, size) => sum + size);
}
