using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Adds blobs, snapshots or images to a lease.</summary>
[Cmdlet(VerbsCommon.Add, "CtrLeaseResource", DefaultParameterSetName = "InputObject", SupportsShouldProcess = true)]
[OutputType(typeof(CtrLease))]
public sealed class AddCtrLeaseResourceCommand : LeaseResourceCmdlet
{
    private protected override string Action => "Add";

    private protected override Task ChangeAsync(LeaseStore leases, CtrLeaseResource resource, CancellationToken cancellationToken) =>
        leases.AddResourceAsync(Lease, resource, cancellationToken);
}
