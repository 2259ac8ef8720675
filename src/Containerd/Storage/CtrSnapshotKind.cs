namespace Containerd;

/// <summary>The kind of a snapshot (snapshots.v1 Kind).</summary>
public enum CtrSnapshotKind
{
    /// <summary>A kind that this module does not know.</summary>
    Unknown,

    /// <summary>Read-only, on top of a committed snapshot.</summary>
    View,

    /// <summary>Readable and writable, such as that of a container.</summary>
    Active,

    /// <summary>Read-only and unchangeable, such as the layer of an image. It can be the parent of other snapshots.</summary>
    Committed,
}
