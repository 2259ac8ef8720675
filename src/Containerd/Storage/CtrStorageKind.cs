namespace Containerd;

/// <summary>The kind of object that a <see cref="CtrStorageUsage"/> counts.</summary>
public enum CtrStorageKind
{
    /// <summary>Images: the blobs and snapshots that their names refer to, which the other kinds count too.</summary>
    Images,

    /// <summary>Blobs in the content store.</summary>
    Content,

    /// <summary>Unfinished writes to the content store.</summary>
    Ingests,

    /// <summary>A snapshotter's snapshots.</summary>
    Snapshots,
}
