using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Removes networks.</summary>
[Cmdlet(VerbsCommon.Remove, "CtrNetwork", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
public sealed class RemoveCtrNetworkCommand : NetworkCmdlet
{
    protected override void ProcessRecord() =>
        ForEachNetwork(
            (networks, name) =>
            {
                if (ShouldProcess(name, "Remove network"))
                    Await(cancellationToken => networks.RemoveAsync(name, cancellationToken));
            }
        );
}
