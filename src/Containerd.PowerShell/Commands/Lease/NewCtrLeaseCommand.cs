using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Creates a lease.</summary>
[Cmdlet(VerbsCommon.New, "CtrLease", DefaultParameterSetName = New, SupportsShouldProcess = true)]
[OutputType(typeof(CtrLease))]
public sealed class NewCtrLeaseCommand : LeaseCreationCmdlet
{
    /// <summary>Specifies the ids of the new leases. By default, one lease with a generated id is created.</summary>
    [Parameter(Position = 0, ParameterSetName = New)]
    [Alias("Name")]
    [ValidateNotNullOrEmpty]
    public string[]? Id { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var id in Id ?? [LeaseStore.NewId()])
        {
            TryPerSession(id, () =>
            {
                var ns = Resolve();
                if (ShouldProcess($"{id} ({ns.Namespace})", "Make lease"))
                    WriteObject(Await(cancellationToken => ns.Leases.CreateAsync(id, Lifetime, NewLabels(Label), cancellationToken)));
            });
        }
    }
}
