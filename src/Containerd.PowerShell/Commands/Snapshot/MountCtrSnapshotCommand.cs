using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Mounts a snapshot on a directory of this machine, the daemon's host, until Dismount-CtrSnapshot takes it away; it outlives this
/// PowerShell. A committed
/// snapshot and a view can only be read there. It needs root.
/// </summary>
[Cmdlet(VerbsData.Mount, "CtrSnapshot", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[OutputType(typeof(CtrSnapshotMount))]
public sealed class MountCtrSnapshotCommand : SnapshotCmdlet
{
    /// <summary>An existing, empty directory.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Nothing can be written there; so even one can be mounted that a running container writes.</summary>
    [Parameter]
    public SwitchParameter ReadOnly { get; set; }

    protected override void ProcessRecord() =>
        ForEachSnapshot(target =>
        {
            var path = System.IO.Path.TrimEndingDirectorySeparator(ResolvePath(Path));
            if (!ShouldProcess(target.Title, $"Mount on {path}"))
                return;
            WriteObject(
                Await(cancellationToken =>
                    target.Namespace.Snapshots.MountAsync(target.Snapshotter, target.Name, path, ReadOnly, cancellationToken)
                )
            );
        });
}
