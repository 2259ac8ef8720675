using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Mounts an image's root file system on a directory of this machine, the daemon's host, until Dismount-CtrImage takes it away; it outlives
/// this PowerShell. The
/// image itself is never changed. It needs root.
/// </summary>
[Cmdlet(VerbsData.Mount, "CtrImage", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[OutputType(typeof(CtrSnapshotMount))]
public sealed class MountCtrImageCommand : ImageCmdlet
{
    /// <summary>An existing, empty directory.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Lets it be written. What is written goes with the mount.</summary>
    [Parameter]
    public SwitchParameter Writable { get; set; }

    /// <summary>The platform, such as linux/arm64; without it the best one that the daemon's machine runs.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Platform { get; set; }

    /// <summary>The snapshotter that the image is unpacked to; without it $CONTAINERD_SNAPSHOTTER, else the namespace's default.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SnapshotterCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Snapshotter { get; set; }

    protected override void ProcessRecord() =>
        ForEachImage(
            (ns, name) =>
            {
                var path = System.IO.Path.TrimEndingDirectorySeparator(ResolvePath(Path));
                if (!ShouldProcess($"{name} ({ns.Namespace})", $"Mount on {path}"))
                    return;
                WriteObject(
                    Await(cancellationToken => ns.Images.MountAsync(name, path, Writable, Platform, Snapshotter, cancellationToken))
                );
            }
        );
}
