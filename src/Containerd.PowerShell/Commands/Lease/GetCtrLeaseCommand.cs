using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Lists leases with what they hold: what is kept from the garbage collector while it is being made.</summary>
[Cmdlet(VerbsCommon.Get, "CtrLease")]
[OutputType(typeof(CtrLease))]
public sealed class GetCtrLeaseCommand : LabelListCmdlet
{
    /// <summary>Ids of leases; wildcards are allowed. Without any, all leases.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(LeaseCompleter))]
    [IdTransformation(typeof(CtrLease), "a lease", "Id")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [PSDefaultValue(Help = "*")]
    public string[] Id { get; set; } = ["*"];

    protected override void ProcessRecord()
    {
        foreach (var id in Id)
        {
            TryPerSession(id, () =>
            {
                var leases = Resolve().Leases;
                WriteObject(
                    Find(id, l => l.Id, cancellationToken => leases.GetAsync(id, cancellationToken), leases.ListAsync),
                    enumerateCollection: true
                );
            });
        }
    }
}
