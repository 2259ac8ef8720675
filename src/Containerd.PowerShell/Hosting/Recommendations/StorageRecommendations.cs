namespace Containerd.PowerShell;

/// <summary>What to do about errors of content, leases and snapshots.</summary>
internal static class StorageRecommendations
{
    internal static readonly Dictionary<string, Func<CtrException, string>> ById = new(StringComparer.Ordinal)
    {
        [ErrorIds.ContentInUse] = _ =>
            "Remove the objects that use it: the garbage collector then removes the blob. -Force removes it immediately, which "
            + "breaks these objects.",
        [ErrorIds.DigestMismatch + ".RemoveBlob"] = e =>
            $"Remove the blob with Remove-CtrContent {e.Subject} -Force, and import or pull the image again.",
        [ErrorIds.IngestMismatch] = _ => "It has been removed: run the command again, or use another -Reference.",
        [ErrorIds.LeaseInUse] = _ => "Wait until that has finished, or use -Force: content that only the lease holds is then lost.",
        [ErrorIds.LeaseIsName] = _ =>
            "Remove that container with Remove-CtrContainer, or rename it with Rename-CtrContainer: the lease is then removed too.",
        [ErrorIds.SnapshotInUse + ".CommitByForce"] = _ =>
            "Remove the container first, or use -Force, which leaves it without a root file system. Export-CtrSnapshot exports the "
            + "changes and keeps the container.",
        [ErrorIds.SnapshotInUse + ".MountReadOnly"] = _ => "Mount it with -ReadOnly, or stop the container.",
        [ErrorIds.SnapshotInUse + ".RemoveByForce"] = _ =>
            "Remove the objects that use it: the garbage collector then removes the snapshot. -Force removes it immediately, which "
            + "breaks these objects.",
        [ErrorIds.SnapshotMounted] = _ => "Remove the mount first with Dismount-CtrSnapshot PATH; Get-CtrSnapshotMount lists the mounts.",
        [ErrorIds.SnapshotNotActive] = _ => "Create an active snapshot on top of the committed one with New-CtrSnapshot.",
        [ErrorIds.SnapshotNotCommitted] = _ => "Commit it with Save-CtrSnapshot, or use its own parent.",
    };
}
