using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>
/// Removes leases; what they alone held is gone when the command returns. One under which something is being written, or a Use-CtrLease
/// block of this process
/// runs, is refused.
/// </summary>
[Cmdlet(VerbsCommon.Remove, "CtrLease", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
public sealed class RemoveCtrLeaseCommand : SessionCmdlet
{
    private const string ById = "Id";
    private const string ByObject = "InputObject";

    /// <summary>Ids of leases.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ById)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(LeaseCompleter))]
    [IdTransformation(typeof(CtrLease), "a lease", "Id")]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <summary>Leases as Get-CtrLease and New-CtrLease give them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public CtrLease[] InputObject { get; set; } = [];

    /// <summary>Removes a lease although somebody works under it.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Does not wait until the garbage collector has freed what the lease alone held.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var item in InputObject)
            TryPerSession(item, () => Remove(Resolve(item), item.Id));
        foreach (var id in Id)
            TryPerSession(id, () => Remove(Resolve(), id));
    }

    private void Remove(NamespaceClient ns, string id)
    {
        if (!ShouldProcess($"{id} ({ns.Namespace})", "Remove lease"))
            return;
        if (!Force && LeaseBlocks.IsUsed(ns, id))
            throw LeaseStore.InUse(id, "a Use-CtrLease block runs under it");
        Await(cancellationToken => ns.Leases.RemoveAsync(id, Force, !NoWait, cancellationToken));
    }
}
