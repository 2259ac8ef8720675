namespace Containerd;

/// <summary>What a snapshot is (snapshots.v1 Kind).</summary>
public enum CtrSnapshotKind
{
    /// <summary>Of a kind that this module does not know.</summary>
    Unknown,

    /// <summary>Read-only, on top of a committed one.</summary>
    View,

    /// <summary>Read and written, such as a container's.</summary>
    Active,

    /// <summary>Finished, such as an image's layer: it never changes, and others build upon it.</summary>
    Committed,
}
