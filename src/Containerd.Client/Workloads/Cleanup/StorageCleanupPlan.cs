using Containerd.Client.Workloads.Cleanup;

namespace Containerd.Client;

/// <summary>The objects that a clean-up would remove, including those that only become unused by the removal of others.</summary>
public sealed class StorageCleanupPlan
{
    internal StorageCleanupPlan(StorageCleanupOptions options) => Options = options;

    /// <summary>The containers that do not run.</summary>
    public IReadOnlyList<CtrContainer> Containers { get; internal init; } = [];

    /// <summary>The anonymous volumes that no other container mounts.</summary>
    public IReadOnlyList<CtrVolume> Volumes { get; internal init; } = [];

    /// <summary>The full names of the images that no other container uses.</summary>
    public IReadOnlyList<string> Images { get; internal init; } = [];

    /// <summary>The networks that no other container uses.</summary>
    public IReadOnlyList<CtrNetwork> Networks { get; internal init; } = [];

    /// <summary>The unfinished writes that no lease holds and no client continues.</summary>
    public IReadOnlyList<CtrIngest> Ingests { get; internal init; } = [];

    /// <summary>
    /// The bytes that would be freed; null if they could not be measured in time. Unreferenced content and snapshots are included.
    /// </summary>
    public long? Size => Space?.Size;

    /// <summary>One error for each kind of object that could not be examined, and is left out.</summary>
    public IReadOnlyList<CtrException> Problems { get; internal init; } = [];

    /// <summary>Whether there is nothing to remove. Unreferenced content does not count: the daemon collects it by itself.</summary>
    public bool IsEmpty => Containers.Count + Volumes.Count + Images.Count + Networks.Count + Ingests.Count == 0;

    internal StorageCleanupOptions Options { get; }

    /// <summary>The targets of the images: a name that was changed since is not removed.</summary>
    internal IReadOnlyDictionary<string, string> Targets { get; init; } = new Dictionary<string, string>();

    internal ReclaimableSpace? Space { get; set; }
}
