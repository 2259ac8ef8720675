using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Removes unfinished writes to the content store.</summary>
[Cmdlet(VerbsCommon.Remove, "CtrIngest", DefaultParameterSetName = ByReference, SupportsShouldProcess = true)]
public sealed class RemoveCtrIngestCommand : SessionCmdlet
{
    private const string ByReference = "Reference";
    private const string ByObject = "InputObject";

    /// <summary>Specifies the references of writes.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByReference)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(IngestCompleter))]
    [IdTransformation(typeof(CtrIngest), "an unfinished write", "Reference")]
    [ValidateNotNullOrEmpty]
    public string[] Reference { get; set; } = [];

    /// <summary>Specifies unfinished writes, as Get-CtrIngest returns them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public CtrIngest[] InputObject { get; set; } = [];

    protected override void ProcessRecord()
    {
        foreach (var item in InputObject)
            TryPerSession(item, () => Remove(Resolve(item), item.Reference));
        foreach (var reference in Reference)
            TryPerSession(reference, () => Remove(Resolve(), reference));
    }

    private void Remove(NamespaceClient ns, string reference)
    {
        if (ShouldProcess($"{reference} ({ns.Namespace})", "Abort write"))
            Await(cancellationToken => ns.Content.RemoveIngestAsync(reference, cancellationToken));
    }
}
