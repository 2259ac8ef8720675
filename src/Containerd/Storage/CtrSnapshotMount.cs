namespace Containerd;

/// <summary>
/// A snapshot that Mount-CtrSnapshot mounted on this machine, or the root file system of an image by Mount-CtrImage; Dismount-CtrSnapshot
/// and Dismount-CtrImage
/// take it away again.
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

    /// <summary>The image whose root file system it is; empty for a snapshot's.</summary>
    public string Image { get; set; } = "";

    /// <summary>
    /// The view, or for a writable image the snapshot, that was made so that it could be mounted, and that goes with the mount; empty for
    /// none.
    /// </summary>
    public string View { get; set; } = "";

    /// <summary>Whether nothing can be written there.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>The address of the daemon that it came from.</summary>
    public string Address { get; set; } = "";

    /// <summary>When it was mounted, local time.</summary>
    public DateTime MountedAt { get; set; }

    /// <summary>The directory.</summary>
    /// <returns>The path, which Dismount-CtrSnapshot takes in the object's place.</returns>
    public override string ToString() => Path;
}
