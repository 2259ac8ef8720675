namespace Containerd;

/// <summary>A file system in layers: an image's layer, or what a container writes upon it (snapshots.v1 Info).</summary>
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

    /// <summary>The committed snapshot that it builds upon; empty for none.</summary>
    public string Parent { get; set; } = "";

    /// <summary>Whether it is finished, written or looked at.</summary>
    public CtrSnapshotKind Kind { get; set; }

    /// <summary>The snapshotter that holds it, such as <c>overlayfs</c>.</summary>
    public string Snapshotter { get; set; } = "";

    /// <summary>The bytes that it takes on disk without its parents' (snapshots.v1 Usage); null unless they were asked for.</summary>
    public long? Size { get; set; }

    /// <summary>
    /// The files and directories that it holds without its parents' (snapshots.v1 Usage); null unless they were asked for.
    /// </summary>
    public long? Inodes { get; set; }

    /// <summary>
    /// How the daemon's host mounts it (snapshots.v1 Mounts), in order; empty unless that was asked for, and always for a committed one.
    /// </summary>
    public CtrSpecMount[] Mounts { get; set; } = [];

    /// <summary>When it was made, local time.</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>When it was last changed, local time.</summary>
    public DateTime UpdatedAt { get; set; }

    /// <summary>Its labels; the garbage collector reads those that begin with <c>containerd.io/gc.</c>.</summary>
    public CtrMap Labels { get; set; } = [];

    /// <summary>The snapshot's name.</summary>
    /// <returns>The name, which every cmdlet takes in the object's place.</returns>
    public override string ToString() => Name;
}
