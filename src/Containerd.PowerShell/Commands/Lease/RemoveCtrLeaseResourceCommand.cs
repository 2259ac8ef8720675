using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Removes blobs, snapshots or images from a lease.</summary>
[Cmdlet(VerbsCommon.Remove, "CtrLeaseResource", DefaultParameterSetName = "InputObject", SupportsShouldProcess = true)]
[OutputType(typeof(CtrLease))]
public sealed class RemoveCtrLeaseResourceCommand : LeaseResourceCmdlet
{
    private protected override string Action => "Remove";

    private protected override Task ChangeAsync(LeaseStore leases, CtrLeaseResource resource, CancellationToken cancellationToken) =>
        leases.RemoveResourceAsync(Lease, resource, cancellationToken);
}
