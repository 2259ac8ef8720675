using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Removes leases.</summary>
[Cmdlet(VerbsCommon.Remove, "CtrLease", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
public sealed class RemoveCtrLeaseCommand : SessionCmdlet
{
    private const string ById = "Id";
    private const string ByObject = "InputObject";

    /// <summary>Specifies the ids of leases.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ById)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(LeaseCompleter))]
    [IdTransformation(typeof(CtrLease), "a lease", "Id")]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <summary>Specifies leases, as Get-CtrLease and New-CtrLease return them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public CtrLease[] InputObject { get; set; } = [];

    /// <summary>Indicates that a lease is removed even if it is in use.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc cref="RemoveCtrImageCommand.NoWait"/>
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
            throw LeaseStore.InUse(id, "a Use-CtrLease block is using it");
        Await(cancellationToken => ns.Leases.RemoveAsync(id, Force, !NoWait, cancellationToken));
    }
}
