using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Containerd;

/// <summary>
/// Ports of the host that are forwarded to a container. <c>8080:80</c>, <c>127.0.0.1:8080:80/tcp</c>, <c>8000-8009:80-89/udp</c> and, for
/// a free port of the host, <c>80</c> convert to it.
/// </summary>
public sealed class CtrPortMapping
{
    private const string Tcp = "tcp";

    private static readonly string[] Known = [Tcp, "udp", "sctp"];

    /// <summary>PowerShell shows only this message when the value of a parameter cannot be converted.</summary>
    private const string Form =
        "Specify it as [address:][host:]container[/protocol], such as 8080:80, 127.0.0.1:8080:80/tcp or 8000-8009:80-89/udp.";

    /// <summary>Creates a mapping without ports.</summary>
    public CtrPortMapping() { }

    /// <summary>Creates a mapping of a free port of the host.</summary>
    /// <param name="containerPort">The port in the container.</param>
    /// <exception cref="CtrArgumentException"><c>InvalidPortMapping</c>: it is not a port.</exception>
    public CtrPortMapping(int containerPort)
    {
        ContainerPort = containerPort;
        Validate();
    }

    /// <summary>The address of the host at which the ports are reached; empty for all addresses.</summary>
    public string HostAddress { get; set; } = "";

    /// <summary>The port of the host, the first one of a range; 0 for a free one.</summary>
    public int HostPort { get; set; }

    /// <summary>The port in the container, the first one of a range.</summary>
    public int ContainerPort { get; set; }

    /// <summary>The number of ports; more than 1 for a range.</summary>
    public int Count { get; set; } = 1;

    /// <summary>The protocol: <c>tcp</c>, <c>udp</c> or <c>sctp</c>.</summary>
    public string Protocol { get; set; } = Tcp;

    /// <summary>The protocols.</summary>
    internal static IReadOnlyList<string> Protocols => Known;

    /// <summary>Reads a mapping.</summary>
    /// <param name="text">The form <c>[address:][host:]container[/protocol]</c>; an IPv6 address is in brackets.</param>
    /// <returns>The mapping.</returns>
    /// <exception cref="CtrArgumentException">
    /// <c>InvalidPortMapping</c>: the text has another form, a port outside of 1 to 65535, ranges of different lengths, or an address that
    /// ports cannot be forwarded from.
    /// </exception>
    public static CtrPortMapping Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var rest = text.Trim();
        var mapping = new CtrPortMapping();
        if (rest.LastIndexOf('/') is var slash and >= 0)
            (rest, mapping.Protocol) = (rest[..slash], rest[(slash + 1)..].ToLowerInvariant());
        var ports = rest;
        if (rest.StartsWith('['))
        {
            var end = rest.IndexOf("]:", StringComparison.Ordinal);
            if (end < 0)
                throw Invalid(text, "has no ports after its address");
            (mapping.HostAddress, ports) = (rest[1..end], rest[(end + 2)..]);
        }

        var parts = ports.Split(':');
        if (parts.Length == 3 && !rest.StartsWith('['))
            (mapping.HostAddress, parts) = (parts[0], parts[1..]);
        if (parts.Length > 2)
            throw Invalid(text, "has too many parts; an IPv6 address requires brackets");
        var (container, count) = Range(parts[^1], text);
        (mapping.ContainerPort, mapping.Count) = (container, count);
        if (parts.Length == 2 && parts[0].Length > 0)
        {
            var (host, hostCount) = Range(parts[0], text);
            if (hostCount != count)
                throw Invalid(
                    text,
                    string.Create(CultureInfo.InvariantCulture, $"has {hostCount} ports of the host for {count} of the container")
                );
            mapping.HostPort = host;
        }

        mapping.Validate(text);
        return mapping;
    }

    /// <summary>Validates the properties.</summary>
    /// <exception cref="CtrArgumentException"><c>InvalidPortMapping</c>: a property has a value that is not valid.</exception>
    public void Validate() => Validate(ToString());

    /// <summary>The mapping in the form that <see cref="Parse"/> reads.</summary>
    /// <returns>A text such as <c>127.0.0.1:8080:80/tcp</c>.</returns>
    public override string ToString()
    {
        var address =
            HostAddress.Length == 0 ? ""
            : HostAddress.Contains(':', StringComparison.Ordinal) ? $"[{HostAddress}]:"
            : $"{HostAddress}:";
        var host =
            HostPort > 0 ? $"{RangeText(HostPort)}:"
            : address.Length > 0 ? ":"
            : "";
        return $"{address}{host}{RangeText(ContainerPort)}/{Protocol}";
    }

    private void Validate(string text)
    {
        if (!Known.Contains(Protocol))
            throw Invalid(text, $"has an unknown protocol, '{Protocol}' (known: {string.Join(", ", Known)})");
        if (Count < 1 || ContainerPort < 1 || ContainerPort + (long)Count - 1 > IPEndPoint.MaxPort)
            throw Invalid(text, "has a container port outside of 1 to 65535");
        if (HostPort < 0 || HostPort + (long)Count - 1 > IPEndPoint.MaxPort)
            throw Invalid(text, "has a host port outside of 1 to 65535");
        if (HostAddress.Length == 0)
            return;
        if (!AddressText.TryParse(HostAddress, out var address))
            throw Invalid(text, $"has an address that is not an IP address, '{HostAddress}'");
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && IPAddress.IsLoopback(address))
            throw Invalid(
                text,
                "cannot be forwarded: the kernel does not forward packets that are sent to the IPv6 loopback address (127.0.0.1 works)"
            );
    }

    private string RangeText(int first) =>
        Count > 1
            ? string.Create(CultureInfo.InvariantCulture, $"{first}-{first + Count - 1}")
            : first.ToString(CultureInfo.InvariantCulture);

    private static (int First, int Count) Range(string part, string text)
    {
        var dash = part.IndexOf('-', StringComparison.Ordinal);
        var first = Port(dash < 0 ? part : part[..dash], text);
        var last = dash < 0 ? first : Port(part[(dash + 1)..], text);
        return last >= first ? (first, last - first + 1) : throw Invalid(text, $"has a range that ends before it begins, '{part}'");
    }

    private static int Port(string part, string text)
    {
        var port = part.Trim();
        return
            int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= IPEndPoint.MaxPort
            ? number
            : throw Invalid(
                text,
                port.Length == 0 ? "lacks a port of the container" : $"has a port that is not a number from 1 to 65535, '{port}'"
            );
    }

    private static CtrArgumentException Invalid(string text, string what) =>
        new($"The port mapping '{text}' {what}. {Form}") { ErrorId = ErrorIds.InvalidPortMapping, Subject = text };
}
