using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Unmounts images that Mount-CtrImage mounted.</summary>
[Cmdlet(VerbsData.Dismount, "CtrImage", DefaultParameterSetName = ByPath, SupportsShouldProcess = true)]
public sealed class DismountCtrImageCommand : DismountCmdlet
{
    private protected override bool Finds(CtrSnapshotMount mount) => mount.Image.Length > 0;
}
