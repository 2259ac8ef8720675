using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>A cmdlet that acts on blobs, specified by digest or as objects.</summary>
public abstract class ContentCmdlet : SessionCmdlet
{
    internal const string ByDigest = "Digest";
    internal const string ByObject = "InputObject";

    /// <summary>Specifies the digests of blobs, such as sha256:….</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByDigest)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(ContentCompleter))]
    [IdTransformation(typeof(CtrContent), "a blob", "Digest")]
    [ValidateNotNullOrEmpty]
    public string[] Digest { get; set; } = [];

    /// <summary>Specifies blobs, as Get-CtrContent and Import-CtrContent return them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public CtrContent[] InputObject { get; set; } = [];

    /// <summary>Runs the action for each blob of this record; each failure is a separate error.</summary>
    internal void ForEachBlob(Action<NamespaceClient, string> work)
    {
        foreach (var item in InputObject)
            TryPerSession(item, () => work(Resolve(item), item.Digest));
        foreach (var digest in Digest)
            TryPerSession(digest, () => work(Resolve(), digest));
    }
}
