using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Unmounts snapshots that Mount-CtrSnapshot mounted.</summary>
[Cmdlet(VerbsData.Dismount, "CtrSnapshot", DefaultParameterSetName = ByPath, SupportsShouldProcess = true)]
public sealed class DismountCtrSnapshotCommand : DismountCmdlet;
