namespace Containerd;

/// <summary>
/// The usage of one kind of storage in a namespace: how much there is, how much is in use, and how many bytes are reclaimable. In use is
/// everything that the garbage collector would keep if the names of all images without containers were removed: everything that containers,
/// leases that have not expired, the remaining names and <c>containerd.io/gc.root</c> labels refer to. The rest is reclaimable. Content,
/// Ingests and Snapshots together are the total of the namespace; Images counts parts of Content and Snapshots again.
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
    /// <summary>The kind of object that is counted.</summary>
    public CtrStorageKind Kind { get; set; }

    /// <summary>The name of the snapshotter, for snapshots; empty for other kinds.</summary>
    public string Snapshotter { get; set; } = "";

    /// <summary>The number of objects.</summary>
    public int Count { get; set; }

    /// <summary>
    /// The number of objects in use: images that a container was created from, blobs and snapshots that the garbage collector would keep,
    /// and unfinished writes that a lease holds.
    /// </summary>
    public int InUse { get; set; }

    /// <summary>
    /// The bytes on disk: for unfinished writes the bytes written so far, for snapshots without their parents; for images the blobs and
    /// snapshots that their names refer to, each counted once.
    /// </summary>
    public long? Size { get; set; }

    /// <summary>
    /// The bytes of the objects that are not in use. A blob that another namespace of the daemon also has counts as 0: the store keeps one
    /// copy for all namespaces, so its removal from this namespace frees nothing.
    /// </summary>
    public long? Reclaimable { get; set; }

    /// <summary>What is counted.</summary>
    /// <returns>The kind and the size, such as <c>Content 12.5MiB</c>.</returns>
    public override string ToString() => Size is { } size ? $"{Kind} {new CtrSize(size)}" : $"{Kind}";
}
