namespace Containerd;

/// <summary>
/// A network that containers can be attached to: a configuration of CNI plugins (a conflist) in a folder of the daemon's host. Any program
/// may have written it.
/// </summary>
[PipelineObject(nameof(Name), nameof(Driver), nameof(Subnets), nameof(Interface), nameof(Path), Depth = 4)]
public sealed class CtrNetwork : CtrObject
{
    /// <summary>Its name.</summary>
    public string Name { get; set; } = "";

    /// <summary>The plugin that creates the interface of a container, such as <c>bridge</c> or <c>macvlan</c>.</summary>
    public string Driver { get; set; } = "";

    /// <summary>The subnets that the addresses of containers are from; empty if the configuration does not name any.</summary>
    public string[] Subnets { get; set; } = [];

    /// <summary>The gateways of the subnets.</summary>
    public string[] Gateways { get; set; } = [];

    /// <summary>The interface of the host: the bridge, or the parent of a macvlan or ipvlan network; empty if none is named.</summary>
    public string Interface { get; set; } = "";

    /// <summary>The maximum size of a packet, in bytes; null for the plugin's default.</summary>
    public int? Mtu { get; set; }

    /// <summary>Whether its containers reach each other, but nothing outside of the network.</summary>
    public bool Internal { get; set; }

    /// <summary>Whether its containers cannot be reached from other networks of the host.</summary>
    public bool Isolated { get; set; }

    /// <summary>How its containers find each other by name.</summary>
    public CtrNameResolution NameResolution { get; set; }

    /// <summary>Whether it is the network of containers that publish ports and name no network.</summary>
    public bool Default { get; set; }

    /// <summary>The labels.</summary>
    public CtrMap Labels { get; set; } = [];

    /// <summary>The plugins, in the order in which they are called.</summary>
    public string[] Plugins { get; set; } = [];

    /// <summary>The version of the CNI specification that the configuration is written for.</summary>
    public string CniVersion { get; set; } = "";

    /// <summary>
    /// The program that wrote the configuration: <c>containerd-powershell</c> or <c>nerdctl</c>; empty if it is not known.
    /// </summary>
    public string CreatedBy { get; set; } = "";

    /// <summary>The file of the configuration.</summary>
    [LocalPath]
    public string Path { get; set; } = "";

    /// <summary>The containers that are attached to it, in any namespace of the daemon; null unless requested.</summary>
    public CtrNetworkAttachment[]? Attachments { get; set; }

    /// <summary>The network's name.</summary>
    /// <returns>The name, which every cmdlet accepts instead of the object.</returns>
    public override string ToString() => Name;
}
