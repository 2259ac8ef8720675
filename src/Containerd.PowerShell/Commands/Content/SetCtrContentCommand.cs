using System.Management.Automation;
using Containerd.Oci;

namespace Containerd.PowerShell;

/// <summary>Changes labels of blobs.</summary>
[Cmdlet(VerbsCommon.Set, "CtrContent", DefaultParameterSetName = ByDigest, SupportsShouldProcess = true)]
[OutputType(typeof(CtrContent))]
public sealed class SetCtrContentCommand : ContentCmdlet
{
    /// <inheritdoc cref="SetCtrContainerCommand.Label"/>
    [Parameter(Mandatory = true)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[] Label { get; set; } = [];

    /// <summary>Returns the changed blob. By default, this command returns nothing.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord() =>
        ForEachBlob(
            (ns, digest) =>
            {
                if (!ShouldProcess($"{digest} ({ns.Namespace})", "Change labels"))
                    return;
                var changed = Await(async cancellationToken =>
                {
                    await ns
                        .Content.UpdateLabelsAsync(ContentDigest.Require(digest), StringMap.From(Label), cancellationToken)
                        .ConfigureAwait(false);
                    return PassThru ? await ns.Content.GetAsync(digest, cancellationToken).ConfigureAwait(false) : null;
                });
                if (changed is not null)
                    WriteObject(changed);
            }
        );
}
