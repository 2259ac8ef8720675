namespace Containerd;

/// <summary>How the containers of a network find each other by name.</summary>
public enum CtrNameResolution
{
    /// <summary>By the file /etc/hosts of each container.</summary>
    HostsFile,

    /// <summary>By a name server at the address of the network's bridge, for programs that do not read /etc/hosts.</summary>
    Dns,
}
