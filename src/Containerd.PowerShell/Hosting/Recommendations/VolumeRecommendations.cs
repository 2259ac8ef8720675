namespace Containerd.PowerShell;

/// <summary>What to do about errors of volumes and mounts.</summary>
internal static class VolumeRecommendations
{
    internal static readonly Dictionary<string, Func<CtrException, string>> ById = new(StringComparer.Ordinal)
    {
        [ErrorIds.InvalidMount + ".ImageVolume"] = e =>
            $"Mount something else there, such as -Mount type=tmpfs,target={e.Subject} in quotation marks, or use another image.",
        [ErrorIds.InvalidMount + ".Volume"] = _ =>
            "Use -Volume or -Mount of New-CtrContainer, or mount the folder of the volume: (Get-CtrVolume NAME).Path.",
        [ErrorIds.MountSourceNotFound] = _ => "Create it first, check the path, or use -Volume, which creates a missing folder.",
        [ErrorIds.MountSourceNotFound + ".SubPath"] = _ =>
            "Check the path: it starts at the root of the image. Mount-CtrImage shows the files.",
        [ErrorIds.MountNotSupported + ".RecursiveReadOnly"] = _ =>
            "Use Linux 5.12 or later with a current runc or crun (-Runtime), or bind-recursive=writable.",
        [ErrorIds.MountNotSupported + ".MappedIds"] = _ =>
            "Mount it in a container without mapped ids, or copy the files to a volume with Copy-CtrItem.",
        [ErrorIds.MountNotSupported + ".Snapshotter"] = _ => "Use -Snapshotter overlayfs or native, or an image with fewer layers.",
        [ErrorIds.MountNotSupported + ".WholeImage"] = _ => "Run PowerShell as root on the daemon's host, or omit subpath.",
        [ErrorIds.FilePermissionDenied + ".CreateFolder"] = _ => "Use another path, or create the folder first.",
        [ErrorIds.VolumeExists] = e => $"Use the existing volume (Get-CtrVolume {e.Subject}), or another name.",
        [ErrorIds.VolumeInUse] = _ =>
            "Remove the containers first with Remove-CtrContainer; a container that is stopped also uses its volumes.",
        [ErrorIds.VolumeInUse + ".Busy"] = _ => "Try again when that is finished.",
        [ErrorIds.VolumeNotFound] = e =>
            $"Create it with New-CtrVolume {e.Subject}. Get-CtrVolume lists the volumes of this namespace; -Namespace selects another one.",
        [ErrorIds.VolumeNotWritable + ".AsRoot"] = _ => "Run PowerShell as root, and check that the file system can be written to.",
    };
}
