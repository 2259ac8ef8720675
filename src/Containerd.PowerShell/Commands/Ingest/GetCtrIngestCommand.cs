using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Lists the unfinished writes to the content store.</summary>
[Cmdlet(VerbsCommon.Get, "CtrIngest")]
[OutputType(typeof(CtrIngest))]
public sealed class GetCtrIngestCommand : StoreListCmdlet
{
    /// <summary>Specifies the references of writes; wildcards are permitted. By default, all unfinished writes are returned.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(IngestCompleter))]
    [IdTransformation(typeof(CtrIngest), "an unfinished write", "Reference")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [PSDefaultValue(Help = "*")]
    public string[] Reference { get; set; } = ["*"];

    protected override void ProcessRecord()
    {
        foreach (var reference in Reference)
        {
            TryPerSession(reference, () =>
            {
                var content = Resolve().Content;
                WriteObject(
                    Find(
                        reference,
                        i => i.Reference,
                        cancellationToken => content.GetIngestAsync(reference, cancellationToken),
                        content.ListIngestsAsync
                    ),
                    enumerateCollection: true
                );
            });
        }
    }
}
