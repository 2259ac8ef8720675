using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>The base of Add-CtrLeaseResource and Remove-CtrLeaseResource: a lease, and the resources to add or to remove.</summary>
public abstract class LeaseResourceCmdlet : SessionCmdlet
{
    private const string ByName = "Id";
    private const string ByObject = "InputObject";

    /// <summary>Specifies the id of the lease.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(LeaseCompleter))]
    [IdTransformation(typeof(CtrLease), "a lease", "Id")]
    [ValidateNotNullOrEmpty]
    public string Lease { get; set; } = "";

    /// <summary>
    /// Specifies blobs, snapshots or images as Get-CtrContent, Get-CtrSnapshot and Get-CtrImage return them, or resources as
    /// (Get-CtrLease).Resources lists them. Of an image it is the blob that its name refers to, which keeps all of its content.
    /// </summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public object[] InputObject { get; set; } = [];

    /// <summary>Specifies the type of the resources: content, ingests, or snapshots/ and the name of the snapshotter.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(LeaseResourceTypeCompleter))]
    [ValidateNotNullOrEmpty]
    public string Type { get; set; } = "";

    /// <summary>Specifies the resources: digests of blobs, references of unfinished writes, or names of snapshots.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(LeaseResourceCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <summary>Returns the changed lease. By default, this command returns nothing.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>The description of the action, for -WhatIf.</summary>
    private protected abstract string Action { get; }

    protected override void ProcessRecord()
    {
        foreach (var item in InputObject)
            TryPerSession(item, () => Change(item));
        foreach (var id in Id)
            TryPerSession(id, () => Change(Resolve(), new CtrLeaseResource { Type = Type, Id = id }));
    }

    /// <summary>Adds or removes the resource.</summary>
    private protected abstract Task ChangeAsync(LeaseStore leases, CtrLeaseResource resource, CancellationToken cancellationToken);

    private void Change(object item)
    {
        var plain = item is PSObject wrapped ? wrapped.BaseObject : item;
        var resource = plain switch
        {
            CtrContent blob => new CtrLeaseResource { Type = "content", Id = blob.Digest },
            CtrImage image => new CtrLeaseResource { Type = "content", Id = image.Digest },
            CtrSnapshot snapshot => new CtrLeaseResource { Type = "snapshots/" + snapshot.Snapshotter, Id = snapshot.Name },
            CtrLeaseResource same => same,
            _ => throw new CtrArgumentException(ForeignObject.Refusal(item, "a resource that a lease can hold", "Id"))
            {
                ErrorId = ErrorIds.InvalidInput,
            },
        };
        Change(Resolve(plain as ICtrObject), resource);
    }

    private void Change(NamespaceClient ns, CtrLeaseResource resource)
    {
        if (!ShouldProcess($"{Lease} ({ns.Namespace})", $"{Action} {resource}"))
            return;
        Await(cancellationToken => ChangeAsync(ns.Leases, resource, cancellationToken));
        if (PassThru)
            WriteObject(Await(cancellationToken => ns.Leases.GetAsync(Lease, cancellationToken)));
    }
}
