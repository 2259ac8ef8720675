using System.Net;
using System.Runtime.Versioning;
using Containerd.Host.Native;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;
using Containerd.Host.Processes;

namespace Containerd.Host.Networks.Attachments;

/// <summary>
/// Whether ports of the host are free. The plugin portmap binds nothing: a second container on a port would start, and never be reached.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class PortCheck
{
    private const string Udp = "udp";
    private const string Sctp = "sctp";
    private const string OtherResults = "/var/lib/cni/results";

    /// <summary>Checks the ports of a request, in the calling thread's network namespace.</summary>
    /// <exception cref="CtrConflictException">PortInUse; the message names the process or the container.</exception>
    /// <param name="request">The request.</param>
    /// <param name="other">The attachment id of a container that may publish the same ports; null for none.</param>
    internal static void Check(NetworkRequest request, string? other = null)
    {
        if (request.Ports.Count == 0)
            return;
        var published = Published(request, other).ToList();
        foreach (var port in request.Ports)
        {
            if (published.Find(p => Overlap(p.Port, port)) is { User: { } user })
                throw InUse(port, user);
            if (IsBound(port))
                throw InUse(port, ListeningSockets.HolderOf(port.Protocol, port.HostPort));
        }
    }

    /// <summary>Whether a process of the host uses a port.</summary>
    internal static bool IsBound(RequestedPort port)
    {
        // A socket of SCTP requires a kernel module.
        if (port.Protocol == Sctp)
            return false;
        return AddressesOf(port)
            .Any(address =>
                LibcNetworks.TryBind(port.Protocol == Udp, address.GetAddressBytes(), port.HostPort) == LibcNetworks.EADDRINUSE
            );
    }

    /// <summary>The published ports of other containers that run, of all daemons in this network namespace and of other programs.</summary>
    private static IEnumerable<(RequestedPort Port, string User)> Published(NetworkRequest request, string? other)
    {
        var own = LibcNetworks.NamespaceOf("thread-self");
        var states = Path.GetDirectoryName(request.Folders.State)!;
        foreach (var state in Directory.Exists(states) ? Directory.EnumerateDirectories(states) : [])
        {
            foreach (var record in AttachmentRecord.ReadAll(new NetworkFolders { State = state }))
            {
                if (
                    record.Request.Ports.Count == 0
                    || record.HostNamespace != own
                    || (
                        state == request.Folders.State
                        && (record.Request.Attachment == request.Attachment || record.Request.Attachment == other)
                    )
                    || !record.IsAlive()
                )
                    continue;
                foreach (var port in record.Request.Ports)
                    yield return (port, $"the container '{record.Request.Container}' in the namespace '{record.Request.Namespace}'");
            }
        }

        foreach (var results in new[] { request.Folders.Results, OtherResults }.Distinct(StringComparer.Ordinal))
        {
            foreach (var entry in OtherAttachments.Running(results, request.Folders, own))
            {
                foreach (var port in entry.Ports)
                    yield return (port, $"the container '{entry.ContainerId}' of another program");
            }
        }
    }

    private static bool Overlap(RequestedPort one, RequestedPort other) =>
        one.HostPort == other.HostPort
        && one.Protocol == other.Protocol
        && AddressesOf(one)
            .Any(a => AddressesOf(other).Any(b => a.AddressFamily == b.AddressFamily && (IsAny(a) || IsAny(b) || a.Equals(b))));

    private static IEnumerable<IPAddress> AddressesOf(RequestedPort port) =>
        port.HostAddress is { } text && IPAddress.TryParse(text, out var address) ? [address] : [IPAddress.Any, IPAddress.IPv6Any];

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static CtrConflictException InUse(RequestedPort port, string user) =>
        new($"The port {port} of the host is in use by {user}.")
        {
            ErrorId = ErrorIds.PortInUse,
            Subject = port.ToString(),
            Remedy = "Publish another port, or stop what uses this one.",
        };
}
