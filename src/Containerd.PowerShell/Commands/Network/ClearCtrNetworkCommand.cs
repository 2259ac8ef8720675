using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Removes networks that no container uses, and what stopped containers left behind in networks.</summary>
[Cmdlet(VerbsCommon.Clear, "CtrNetwork", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(CtrNetwork))]
public sealed class ClearCtrNetworkCommand : SessionCmdlet
{
    /// <inheritdoc cref="CopyCtrItemCommand.Name"/>
    [Parameter(DontShow = true)]
    [RefusedName("To remove one network, use Remove-CtrNetwork.")]
    public object? Name { get; set; }

    protected override void EndProcessing()
    {
        TryPerSession(null, () => Clear(Resolve().Networks));
        base.EndProcessing();
    }

    private void Clear(NetworkService networks)
    {
        // Leftovers first: an attachment that no longer exists would keep the bridge of a network.
        if (ShouldProcess("Addresses, rules and interfaces of containers that no longer run", "Remove"))
            foreach (var removed in Await(networks.SweepAsync))
                WriteVerbose($"Removed what container {removed} left behind.");
        foreach (var network in Await(networks.FindUnusedAsync))
        {
            Try(network, () =>
            {
                if (!ShouldProcess(network.Name, "Remove network"))
                    return;
                Await(cancellationToken => networks.RemoveAsync(network.Name, cancellationToken));
                WriteObject(network);
            });
        }
    }
}
