namespace Containerd;

/// <summary>A file system in layers: a layer of an image, or the changes of a container on top of it (snapshots.v1 Info).</summary>
[PipelineObject(
    nameof(Name),
    nameof(Parent),
    nameof(Kind),
    nameof(Size),
    nameof(Snapshotter),
    nameof(CreatedAt),
    Key = new[] { nameof(Snapshotter), nameof(Name) },
    Word = nameof(Name)
)]
public sealed class CtrSnapshot : CtrObject
{
    /// <summary>Its name: a committed snapshot's chain id (<c>sha256:…</c>), an active one's key, which is the container's id.</summary>
    public string Name { get; set; } = "";

    /// <summary>The committed snapshot that is its parent; empty for none.</summary>
    public string Parent { get; set; } = "";

    /// <summary>Whether the snapshot is committed, active or a view.</summary>
    public CtrSnapshotKind Kind { get; set; }

    /// <summary>The snapshotter that holds it, such as <c>overlayfs</c>.</summary>
    public string Snapshotter { get; set; } = "";

    /// <summary>The bytes that it uses on disk, without its parents (snapshots.v1 Usage); null unless requested.</summary>
    public long? Size { get; set; }

    /// <summary>
    /// The number of files and directories that it contains, without its parents (snapshots.v1 Usage); null unless requested.
    /// </summary>
    public long? Inodes { get; set; }

    /// <summary>
    /// How the daemon's host mounts it (snapshots.v1 Mounts), in order; empty unless requested, and always empty for a committed snapshot.
    /// </summary>
    public CtrSpecMount[] Mounts { get; set; } = [];

    /// <summary>The time of its creation, in local time.</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>The time of its last change, in local time.</summary>
    public DateTime UpdatedAt { get; set; }

    /// <summary>Its labels; the garbage collector reads those that begin with <c>containerd.io/gc.</c>.</summary>
    public CtrMap Labels { get; set; } = [];

    /// <summary>The snapshot's name.</summary>
    /// <returns>The name, which every cmdlet accepts instead of the object.</returns>
    public override string ToString() => Name;
}
