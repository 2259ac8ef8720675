using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Disconnects containers from networks.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "CtrNetwork", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrContainer))]
public sealed class DisconnectCtrNetworkCommand : ConnectionCmdlet
{
    /// <summary>
    /// Disconnects a container whose ports no other of its networks can publish. The container then no longer publishes ports.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord() =>
        ForEachConnection("Disconnect from network", (target, network, cancellationToken) =>
            target.Namespace.Networks.DisconnectAsync(target.Id, network, Force, cancellationToken)
        );
}
