using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Removes blobs from the content store.</summary>
[Cmdlet(VerbsCommon.Remove, "CtrContent", DefaultParameterSetName = ByDigest, SupportsShouldProcess = true)]
public sealed class RemoveCtrContentCommand : ContentCmdlet
{
    /// <summary>Indicates that a blob is removed even if an image or a lease needs it; that object is then broken.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord() =>
        ForEachBlob(
            (ns, digest) =>
            {
                if (ShouldProcess($"{digest} ({ns.Namespace})", "Remove blob"))
                    Await(cancellationToken => ns.Content.RemoveAsync(digest, Force, cancellationToken));
            }
        );
}
