using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Removes blobs from the content store. One that an image or a lease needs is refused.</summary>
[Cmdlet(VerbsCommon.Remove, "CtrContent", DefaultParameterSetName = ByDigest, SupportsShouldProcess = true)]
public sealed class RemoveCtrContentCommand : ContentCmdlet
{
    /// <summary>Removes a blob although an image or a lease needs it, which is then broken.</summary>
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
