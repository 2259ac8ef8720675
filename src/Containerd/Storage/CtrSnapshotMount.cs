namespace Containerd;

/// <summary>
/// A snapshot that Mount-CtrSnapshot mounted on this machine, or an image's root file system that Mount-CtrImage mounted.
/// Dismount-CtrSnapshot and Dismount-CtrImage unmount it.
/// </summary>
[PipelineObject(nameof(Path), nameof(Image), nameof(ReadOnly), nameof(Namespace), nameof(MountedAt))]
public sealed class CtrSnapshotMount : CtrObject
{
    /// <summary>The directory that it is mounted on.</summary>
    public string Path { get; set; } = "";

    /// <summary>The snapshot's name.</summary>
    public string Snapshot { get; set; } = "";

    /// <summary>The snapshotter that holds it.</summary>
    public string Snapshotter { get; set; } = "";

    /// <summary>The image whose root file system is mounted; empty for a snapshot.</summary>
    public string Image { get; set; } = "";

    /// <summary>
    /// The view, or for a writable image the snapshot, that was created for the mount and is removed with it; empty for none.
    /// </summary>
    public string View { get; set; } = "";

    /// <summary>Whether the mount is read-only.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>The address of the daemon that it came from.</summary>
    public string Address { get; set; } = "";

    /// <summary>The time at which it was mounted, in local time.</summary>
    public DateTime MountedAt { get; set; }

    /// <summary>The directory.</summary>
    /// <returns>The path, which Dismount-CtrSnapshot accepts instead of the object.</returns>
    public override string ToString() => Path;
}
