using System.Net;
using System.Net.Sockets;

namespace Containerd.Host.Networks.Requests;

/// <summary>
/// Checks a request, which anyone who may create containers can write: names become the names of files, and folders are written to by root.
/// </summary>
internal static class RequestChecks
{
    /// <summary>The number of networks that a container can have.</summary>
    internal const int MostNetworks = 16;

    private const int MostPorts = 4096;
    private const int MostNames = 1024;
    private const int LongestName = 255;
    private const int LongestInterface = 15;

    /// <summary>Checks a request.</summary>
    /// <exception cref="CtrDataException">NetworkRequestInvalid.</exception>
    internal static void Check(NetworkRequest request)
    {
        Require(request.Schema >= 1, "its version is missing");
        Require(IsName(request.Namespace) && IsName(request.Container), "the namespace or the id of the container is not valid");
        Require(
            IsName(request.Attachment)
                && request.Attachment.StartsWith($"{request.Namespace}-{request.Container}", StringComparison.Ordinal),
            "the id of the attachment is not that of the container"
        );
        // None: the container was disconnected from all.
        Require(request.Networks.Count <= MostNetworks, $"it has more than {MostNetworks} networks");
        foreach (var network in request.Networks)
            Check(network);
        Require(
            request.Networks.Select(n => n.Interface).Distinct(StringComparer.Ordinal).Count() == request.Networks.Count,
            "two networks have the same interface"
        );
        Require(
            request.Networks.Select(n => n.Name).Distinct(StringComparer.Ordinal).Count() == request.Networks.Count,
            "a network occurs twice"
        );
        Require(request.Ports.Count <= MostPorts, $"it has more than {MostPorts} ports");
        foreach (var port in request.Ports)
            Check(port);
        Require(request.Hosts.Count <= MostNames, $"it has more than {MostNames} host entries");
        foreach (var host in request.Hosts)
            Require(
                IsHostName(host.Name) && (host.Address == RequestedHost.Gateway || IsAddress(host.Address)),
                "a host entry is not valid"
            );
        if (request.Dns is { } dns)
            Check(dns);
        Require(
            request.Ports.DistinctBy(p => (p.HostAddress, p.HostPort, p.Protocol)).Count() == request.Ports.Count,
            "a port of the host occurs twice"
        );
        Require(
            (request.Name is null || IsHostName(request.Name)) && (request.Hostname is null || IsHostName(request.Hostname)),
            "the name of the container is not valid"
        );
        foreach (var file in new[] { request.Files.Hosts, request.Files.Hostname, request.Files.ResolvConf })
            Require(file is null || IsPath(file), "the path of a file is not valid");
        // The helper program writes these, so they must not be any files of the host.
        Require(request.Files.Hosts is null || Path.GetFileName(request.Files.Hosts) == "hosts", "the path of a file is not valid");
        Require(
            request.Files.ResolvConf is null || Path.GetFileName(request.Files.ResolvConf) == "resolv.conf",
            "the path of a file is not valid"
        );
        Check(request.Folders);
    }

    /// <summary>The error for a request that is not valid.</summary>
    internal static CtrDataException Invalid(string why, Exception? cause = null) =>
        new($"The request for the container's networks is not valid: {why}.", cause)
        {
            ErrorId = ErrorIds.NetworkRequestInvalid,
            Remedy = "Create the container again.",
        };

    /// <summary>
    /// Whether a text can be the name of a network, and of a file: letters, digits, and dots, dashes and underscores inside.
    /// </summary>
    internal static bool IsName(string name) =>
        name.Length is > 0 and <= LongestName
        && char.IsAsciiLetterOrDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    /// <summary>Whether a text can be a name in a hosts file.</summary>
    internal static bool IsHostName(string name) =>
        name.Length is > 0 and <= LongestName && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' or ':');

    /// <summary>Whether a text is an IPv4 or IPv6 address in its usual form.</summary>
    internal static bool IsAddress(string text) =>
        IPAddress.TryParse(text, out var address)
        && (
            address.AddressFamily == AddressFamily.InterNetworkV6
                ? !text.Contains('%', StringComparison.Ordinal) && !text.Contains('[', StringComparison.Ordinal)
                : text.Count(c => c == '.') == 3
        );

    /// <summary>Whether a text is a hardware address, as 02:42:ac:11:00:02.</summary>
    internal static bool IsMac(string text) =>
        text.Split(':') is { Length: 6 } parts && parts.All(p => p.Length == 2 && p.All(char.IsAsciiHexDigit));

    private static void Check(RequestedNetwork network)
    {
        Require(IsName(network.Name), "the name of a network is not valid");
        Require(
            network.Interface.Length is > 0 and <= LongestInterface
                && network.Interface is not ("." or ".." or "lo" or "all" or "default")
                && network.Interface.All(c => c is > ' ' and < '\x7f' and not ('/' or ':')),
            "the name of an interface is not valid"
        );
        Require(network.Addresses.Count <= 2 && network.Addresses.Concat(network.Preferred).All(IsAddress), "an address is not valid");
        Require(network.Mac is null || IsMac(network.Mac), "a hardware address is not valid");
        Require(network.Aliases.Count <= MostNames && network.Aliases.All(IsHostName), "an alias is not valid");
    }

    private static void Check(RequestedPort port)
    {
        Require(port.HostPort is > 0 and <= ushort.MaxValue && port.ContainerPort is > 0 and <= ushort.MaxValue, "a port is not valid");
        Require(port.Protocol is "tcp" or "udp" or "sctp", "the protocol of a port is not valid");
        Require(port.HostAddress is null || IsAddress(port.HostAddress), "the address of a port is not valid");
    }

    private static void Check(RequestedDns dns)
    {
        // Earlier versions wrote IPv6 addresses as they were typed, also in brackets.
        Require(dns.Servers.Count <= MostNames && dns.Servers.All(s => AddressText.TryParse(s, out _)), "a name server is not valid");
        Require(
            dns.Search.Concat(dns.Options)
                .All(text => text is { Length: > 0 } && !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))),
            "a setting of the resolver is not valid"
        );
    }

    internal static void Check(NetworkFolders folders)
    {
        Require(folders.Configuration.Count > 0 && folders.Plugins.Count > 0, "it names no folders");
        Require(
            folders.Configuration.All(IsPath)
                && folders.Plugins.All(IsPath)
                && IsPath(folders.Cache)
                && IsPath(folders.State)
                && (folders.Addresses is null || IsPath(folders.Addresses)),
            "the path of a folder is not valid"
        );
    }

    private static bool IsPath(string path) =>
        path.Length > 1
        && path[0] == '/'
        && !path.Contains('\0', StringComparison.Ordinal)
        && path.Split('/') is var parts
        && parts.Skip(1).All(p => p is not ("" or "." or ".."));

    private static void Require(bool condition, string why)
    {
        if (!condition)
            throw Invalid(why);
    }
}
