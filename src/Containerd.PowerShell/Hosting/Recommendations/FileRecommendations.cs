namespace Containerd.PowerShell;

/// <summary>What to do about errors of files, copies and mounts.</summary>
internal static class FileRecommendations
{
    private const string AsRoot = "Run PowerShell as root on the daemon's host.";

    internal static readonly Dictionary<string, Func<CtrException, string>> ById = new(StringComparer.Ordinal)
    {
        [ErrorIds.ChangedMeanwhile] = _ => "Copy again while no other process changes it; Suspend-CtrTask pauses a container.",
        [ErrorIds.DestinationIsSpecial + ".Replace"] = _ => "Use -Force to replace it; to write to it, use Invoke-CtrExec.",
        [ErrorIds.DestinationNotDirectory + ".CreateDirectory"] = _ => "Create the directory first, or use -Force, which creates it.",
        [ErrorIds.FileExists + ".Overwrite"] = _ => "Choose another path, or omit -NoClobber.",
        [ErrorIds.FileNotWritable + ".CreateFolder"] = _ =>
            "Create its folder first, or use another path; a relative path starts at the current location.",
        [ErrorIds.FilePermissionDenied + ".AsRoot"] = _ => AsRoot,
        [ErrorIds.FileReadOnly] = _ => "Use -Force to replace it.",
        [ErrorIds.JustCopied] = _ => "Give each item its own destination: -Destination { … } is evaluated for each item of a pipeline.",
        [ErrorIds.MountBusy] = _ => "End the processes that use it, or remove the mount lazily with -Force.",
        [ErrorIds.MountNotFound] = _ => "Get-CtrSnapshotMount lists the mounts of Mount-CtrSnapshot and Mount-CtrImage.",
        [ErrorIds.MountNotPermitted] = _ => AsRoot,
        [ErrorIds.NoContainer + ".SourceOrDestination"] = _ =>
            "Write a path in a container as CONTAINER:/PATH, or specify the container with -FromContainer or -ToContainer; Copy-Item "
            + "copies on the host.",
        [ErrorIds.ParentNotFound] = _ => "Create it first, or use -Force, which creates it.",
        [ErrorIds.RootfsNotReachable] = e => $"Run tar in the container: Invoke-CtrExec {e.Subject} -OutFile files.tar -- tar -c PATH",
        [ErrorIds.SourceIsDirectory] = _ => "Use -Recurse to copy it with its content.",
    };
}
