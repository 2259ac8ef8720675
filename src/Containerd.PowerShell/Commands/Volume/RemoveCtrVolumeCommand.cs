using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Removes volumes with their files.</summary>
[Cmdlet(VerbsCommon.Remove, "CtrVolume", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
public sealed class RemoveCtrVolumeCommand : VolumeCmdlet
{
    protected override void ProcessRecord() =>
        ForEachVolume(
            (volumes, name) =>
            {
                if (ShouldProcess(name, "Remove volume"))
                    Await(cancellationToken => volumes.RemoveAsync(name, cancellationToken));
            }
        );
}
