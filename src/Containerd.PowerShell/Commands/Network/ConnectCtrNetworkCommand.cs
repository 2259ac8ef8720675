using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Connects containers to networks.</summary>
[Cmdlet(VerbsCommunications.Connect, "CtrNetwork", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrContainer))]
public sealed class ConnectCtrNetworkCommand : ConnectionCmdlet
{
    /// <summary>Specifies the IPv4 address of the container in the network. By default, a free address is assigned.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? IPAddress { get; set; }

    /// <summary>Specifies the IPv6 address of the container in the network. By default, a free address is assigned.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? IPv6Address { get; set; }

    /// <summary>Specifies the hardware address of the container's interface in the network, such as 02:42:ac:11:00:02.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? MacAddress { get; set; }

    /// <summary>
    /// Specifies further names of the container in the network. Other containers of the network reach it by its id, its name and these
    /// names.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] NetworkAlias { get; set; } = [];

    protected override void ProcessRecord()
    {
        var options = new NetworkConnectOptions
        {
            IPAddress = IPAddress,
            IPv6Address = IPv6Address,
            MacAddress = MacAddress,
            Aliases = NetworkAlias,
            Warnings = new PostedWarnings(this, Post),
        };
        ForEachConnection("Connect to network", (target, network, cancellationToken) =>
            target.Namespace.Networks.ConnectAsync(target.Id, network, options, cancellationToken)
        );
    }
}
