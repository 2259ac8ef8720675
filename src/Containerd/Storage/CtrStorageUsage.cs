namespace Containerd;

/// <summary>
/// How much of one kind a namespace holds, how much of it is in use, and how many bytes could be had back. In use is what the garbage
/// collector would
/// keep if every image's name were removed that no container was made from: what containers, leases that have not expired, the remaining
/// names and
/// <c>containerd.io/gc.root</c> labels lead to. The rest is reclaimable. Content, Ingests and Snapshots are all that the namespace takes;
/// Images is another view of
/// the first and the last.
/// </summary>
[PipelineObject(
    nameof(Kind),
    nameof(Snapshotter),
    nameof(Count),
    nameof(InUse),
    nameof(Size),
    nameof(Reclaimable),
    nameof(Namespace),
    Key = new[] { nameof(Kind), nameof(Snapshotter) }
)]
public sealed class CtrStorageUsage : CtrObject
{
    /// <summary>What is counted.</summary>
    public CtrStorageKind Kind { get; set; }

    /// <summary>The snapshotter, for snapshots; empty for other kinds.</summary>
    public string Snapshotter { get; set; } = "";

    /// <summary>How many there are.</summary>
    public int Count { get; set; }

    /// <summary>
    /// How many are in use: images that a container was made from; blobs and snapshots that would be kept; unfinished writes that a lease
    /// holds.
    /// </summary>
    public int InUse { get; set; }

    /// <summary>
    /// The bytes on disk: of an unfinished write those that are there, of a snapshot those without its parents'; for images those of the
    /// blobs and snapshots
    /// that their names lead to, each once.
    /// </summary>
    public long? Size { get; set; }

    /// <summary>
    /// The bytes of what is not in use. A blob that another namespace of the daemon has too counts as none: the store keeps one copy for
    /// all, so this
    /// namespace's letting go frees nothing.
    /// </summary>
    public long? Reclaimable { get; set; }

    /// <summary>What is counted.</summary>
    /// <returns>The kind and the size, such as <c>Content 12.5MiB</c>.</returns>
    public override string ToString() => Size is { } size ? $"{Kind} {new CtrSize(size)}" : $"{Kind}";
}
