namespace Containerd.PowerShell;

/// <summary>What to do about errors of networks.</summary>
internal static class NetworkRecommendations
{
    internal static readonly Dictionary<string, Func<CtrException, string>> ById = new(StringComparer.Ordinal)
    {
        [ErrorIds.ConflictingParameters + ".Network"] = _ =>
            "Omit one of the parameters, or attach the container to a network with -Network.",
        [ErrorIds.NetworkConnected] = _ => "Disconnect it first with Disconnect-CtrNetwork, if it is to have another address.",
        [ErrorIds.NetworkInUse] = _ =>
            "Disconnect the containers with Disconnect-CtrNetwork, or remove them with Remove-CtrContainer; a container that is stopped "
            + "also uses its networks.",
        [ErrorIds.NetworkNotFound] = e =>
            $"Create it with New-CtrNetwork {e.Subject}, or use another one: Get-CtrNetwork lists the networks.",
        [ErrorIds.NetworkNotSupported + ".Create"] = _ =>
            "Create the container again with New-CtrContainer -Network; only such a container can be connected to further networks.",
        [ErrorIds.NetworkNotSupported + ".Runtime"] = _ => "Use -Runtime runc or -Runtime crun, or -Network host.",
        [ErrorIds.NetworkNotWritable + ".AsRoot"] = _ => "Run PowerShell as root, and check that the file system can be written to.",
        [ErrorIds.NetworkPublishesPorts] = _ =>
            "Connect it to another bridge network first with Connect-CtrNetwork, or use -Force: then it no longer publishes ports.",
        [ErrorIds.SubnetInUse] = _ => "Use another -Subnet, or none: then a free one is chosen. Get-CtrNetwork lists the networks.",
    };
}
