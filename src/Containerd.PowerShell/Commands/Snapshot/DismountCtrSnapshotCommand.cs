using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Takes away what Mount-CtrSnapshot mounted, and the view that it made of a committed snapshot.</summary>
[Cmdlet(VerbsData.Dismount, "CtrSnapshot", DefaultParameterSetName = ByPath, SupportsShouldProcess = true)]
public sealed class DismountCtrSnapshotCommand : DismountCmdlet;
