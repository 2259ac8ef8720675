namespace Containerd;

/// <summary>A container's place in a network: its interface, addresses and further names.</summary>
[PipelineObject(
    nameof(Network),
    nameof(ContainerId),
    nameof(IPAddresses),
    nameof(Interface),
    Word = nameof(Network),
    Key = [nameof(Network), nameof(ContainerId), nameof(Interface)]
)]
public sealed class CtrNetworkAttachment : CtrContainerObject
{
    /// <summary>
    /// The network's name; <c>host</c> for the network of the host, and <c>container:</c> with an id for that of another container.
    /// </summary>
    public string Network { get; set; } = "";

    /// <summary>The name of the interface in the container; empty if it is not known.</summary>
    public string Interface { get; set; } = "";

    /// <summary>
    /// The addresses, without the length of the prefix; empty while the container is not attached and none was specified.
    /// </summary>
    public string[] IPAddresses { get; set; } = [];

    /// <summary>The hardware address; empty while it is not known.</summary>
    public string MacAddress { get; set; } = "";

    /// <summary>The gateways of the addresses.</summary>
    public string[] Gateways { get; set; } = [];

    /// <summary>Further names of the container in the network.</summary>
    public string[] Aliases { get; set; } = [];

    /// <summary>Network and addresses.</summary>
    /// <returns>A text such as <c>bridge 10.4.0.2</c>.</returns>
    public override string ToString() => IPAddresses.Length > 0 ? $"{Network} {string.Join(", ", IPAddresses)}" : Network;
}
