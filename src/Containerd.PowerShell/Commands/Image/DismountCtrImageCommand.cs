using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Takes away what Mount-CtrImage mounted, and the snapshot that it made, with what was written there.</summary>
[Cmdlet(VerbsData.Dismount, "CtrImage", DefaultParameterSetName = ByPath, SupportsShouldProcess = true)]
public sealed class DismountCtrImageCommand : DismountCmdlet
{
    private protected override bool Finds(CtrSnapshotMount mount) => mount.Image.Length > 0;
}
