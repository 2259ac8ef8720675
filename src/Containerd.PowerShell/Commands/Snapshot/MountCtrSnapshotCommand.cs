using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Mounts a snapshot on a directory of this machine, the daemon's host.</summary>
[Cmdlet(VerbsData.Mount, "CtrSnapshot", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[OutputType(typeof(CtrSnapshotMount))]
public sealed class MountCtrSnapshotCommand : SnapshotCmdlet
{
    /// <inheritdoc cref="MountCtrImageCommand.Path"/>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Indicates that the mount is read-only. This also allows mounting a snapshot that a running container writes to.</summary>
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
