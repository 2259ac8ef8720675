using System.Runtime.Versioning;
using Containerd.Host.Networks.Requests;
using Containerd.Host.Processes;

namespace Containerd.Host.Networks.Names;

/// <summary>The errors of name servers.</summary>
[SupportedOSPlatform("linux")]
internal static class NameServerErrors
{
    private const string Udp = "udp";

    /// <summary>It cannot be started.</summary>
    internal static CtrRuntimeException Failed(string network, string why, Exception? cause = null) =>
        new($"The name server of the network '{network}' cannot be started: {why}.", cause)
        {
            ErrorId = ErrorIds.NameServerFailed,
            Subject = network,
            Remedy = "Check the program aardvark-dns on the daemon's host, or resolve names by hosts files.",
        };

    /// <summary>It ended.</summary>
    internal static CtrRuntimeException Stopped(string network) =>
        new($"The name server of the network '{network}' stopped right after its start.")
        {
            ErrorId = ErrorIds.NameServerFailed,
            Subject = network,
            Remedy = "Check the program aardvark-dns on the daemon's host, or resolve names by hosts files.",
        };

    /// <summary>It does not answer.</summary>
    internal static CtrRuntimeException Unreachable(string network, string address) =>
        new($"The name server of the network '{network}' at {address} does not answer its containers.")
        {
            ErrorId = ErrorIds.NameServerUnreachable,
            Subject = network,
            Remedy = "Allow packets of the network's bridge to port 53 of the host in the firewall of the host, for UDP and TCP.",
        };

    /// <summary>The bridge of the network does not exist, or lost its address.</summary>
    internal static CtrRuntimeException NoAddress(string network, string address) =>
        new($"The name server of the network '{network}' cannot listen at {address}: the host does not have this address.")
        {
            ErrorId = ErrorIds.NameServerFailed,
            Subject = network,
            Remedy = "Restart the containers of the network, which creates its bridge again.",
        };

    /// <summary>Another program listens at its address.</summary>
    internal static CtrConflictException PortInUse(string network, string address) =>
        new(
            $"The name server of the network '{network}' cannot listen at {address}, port {NameQuery.Port}: the port is in use by "
                + $"{ListeningSockets.HolderOf(Udp, NameQuery.Port)}."
        )
        {
            ErrorId = ErrorIds.PortInUse,
            Subject = network,
            Remedy = "Configure that program to listen only at the addresses that it serves, or resolve names by hosts files.",
        };

    /// <summary>A name server has one set of names for all clients: a name of two namespaces would lead to the wrong container.</summary>
    internal static CtrConflictException NameInUse(AttachmentRecord container, string name, string network, AttachmentRecord other) =>
        new(
            $"The container '{container.Request.Container}' has the name '{name}' in the network '{network}', which the "
                + $"container '{other.Request.Container}' in the namespace '{other.Request.Namespace}' also has."
        )
        {
            ErrorId = ErrorIds.NetworkNameInUse,
            Subject = name,
            Remedy = "Use another name, or another network: a network whose names are resolved by DNS has the names of all namespaces.",
        };
}
