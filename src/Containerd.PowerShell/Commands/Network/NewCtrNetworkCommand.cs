using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Creates networks that containers can be attached to.</summary>
[Cmdlet(VerbsCommon.New, "CtrNetwork", SupportsShouldProcess = true)]
[OutputType(typeof(CtrNetwork))]
public sealed class NewCtrNetworkCommand : SessionCmdlet
{
    /// <summary>
    /// Specifies the names of the new networks: letters, digits, '.', '_' and '-', at most 64 characters. The names host and none, and
    /// names that begin with container:, are reserved.
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>
    /// Specifies the plugin that creates the interfaces of containers. With bridge, the default, the containers are on a bridge of the host
    /// and reach other hosts through it. With macvlan or ipvlan, they are on the network of an interface of the host.
    /// </summary>
    [Parameter]
    [ValidateSet("bridge", "macvlan", "ipvlan")]
    [PSDefaultValue(Help = "bridge")]
    public string Driver { get; set; } = "bridge";

    /// <summary>
    /// Specifies the interface of the host that a macvlan or ipvlan network uses. The default is that of the host's default route.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(InterfaceCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Parent { get; set; }

    /// <summary>
    /// Specifies an IPv4 subnet, an IPv6 subnet, or one of each, such as 10.4.1.0/24. By default, a free IPv4 subnet of 256 addresses is
    /// chosen. A subnet must not overlap with one that an interface or a route of the host, or another network, uses.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Subnet { get; set; } = [];

    /// <summary>Specifies the gateway of each subnet. The default is the first address of the subnet.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Gateway { get; set; } = [];

    /// <summary>
    /// Specifies the addresses that containers can get in each subnet, such as 10.4.1.128/25 or 10.4.1.10-10.4.1.20. By default, all
    /// addresses of the subnet.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] IPRange { get; set; } = [];

    /// <summary>
    /// Indicates that the network has an IPv6 subnet. If you do not specify one with -Subnet, a unique local one is chosen.
    /// </summary>
    [Parameter]
    public SwitchParameter IPv6 { get; set; }

    /// <summary>
    /// Specifies the maximum size of a packet, in bytes. The default for a bridge network is that of the interface of the host's default
    /// route.
    /// </summary>
    [Parameter]
    public int? Mtu { get; set; }

    /// <summary>
    /// Indicates that the containers reach only each other: no other host, and no published ports. With -NameResolution Dns, they also
    /// reach the host, at the address of the name server.
    /// </summary>
    [Parameter]
    public SwitchParameter Internal { get; set; }

    /// <summary>
    /// Indicates that the containers cannot reach each other, but only other hosts. This requires CNI plugins of version 1.7.1 or later.
    /// </summary>
    [Parameter]
    public SwitchParameter Isolated { get; set; }

    /// <summary>
    /// Specifies how the containers find each other by name. With HostsFile, the default, their names are in the file /etc/hosts of each
    /// container. With Dns, a name server at the address of the bridge answers, for programs that do not read that file. This requires the
    /// program aardvark-dns on the daemon's host, and the driver bridge.
    /// </summary>
    [Parameter]
    [PSDefaultValue(Help = "HostsFile")]
    public CtrNameResolution NameResolution { get; set; }

    /// <summary>Specifies labels. Specify a hashtable, or strings such as app=web.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var name in Name)
        {
            TryPerSession(name, () =>
            {
                var networks = Resolve().Networks;
                var options = new NetworkCreateOptions
                {
                    Name = name,
                    Driver = Driver,
                    Parent = Parent,
                    Subnets = Subnet,
                    Gateways = Gateway,
                    IPRanges = IPRange,
                    IPv6 = IPv6,
                    Mtu = Mtu,
                    Internal = Internal,
                    Isolated = Isolated,
                    NameResolution = NameResolution,
                    Labels = StringMap.From(Label),
                    Warnings = new PostedWarnings(this, Post),
                };
                if (ShouldProcess(name, "Create network"))
                    WriteObject(Await(cancellationToken => networks.CreateAsync(options, cancellationToken)));
            });
        }
    }
}
