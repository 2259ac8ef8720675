using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Removes the anonymous volumes that no container uses.</summary>
[Cmdlet(VerbsCommon.Clear, "CtrVolume", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(CtrVolume))]
public sealed class ClearCtrVolumeCommand : SessionCmdlet
{
    /// <inheritdoc cref="CopyCtrItemCommand.Name"/>
    [Parameter(DontShow = true)]
    [RefusedName("To remove one volume, use Remove-CtrVolume.")]
    public object? Name { get; set; }

    /// <summary>Indicates that unused volumes with a name are removed too.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    protected override void EndProcessing()
    {
        TryPerSession(null, () => Clear(Resolve().Volumes));
        base.EndProcessing();
    }

    private void Clear(VolumeService volumes)
    {
        foreach (var volume in Await(cancellationToken => volumes.FindUnusedAsync(All, cancellationToken)))
        {
            Try(volume, () =>
            {
                if (!ShouldProcess(volume.Name, "Remove volume"))
                    return;
                Await(cancellationToken => volumes.RemoveAsync(volume.Name, cancellationToken));
                WriteObject(volume);
            });
        }
    }
}
