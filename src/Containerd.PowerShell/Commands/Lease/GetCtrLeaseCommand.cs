using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Lists leases and the resources that they hold.</summary>
[Cmdlet(VerbsCommon.Get, "CtrLease")]
[OutputType(typeof(CtrLease))]
public sealed class GetCtrLeaseCommand : LabelListCmdlet
{
    /// <summary>Specifies the ids of leases; wildcards are permitted. By default, all leases are returned.</summary>
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
