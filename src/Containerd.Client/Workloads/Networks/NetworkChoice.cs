using System.Net;
using System.Net.Sockets;
using Containerd.Client.Records;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Workloads.Networks;

/// <summary>What the caller's options mean, and whether they can be combined. Nothing of the host is needed for it.</summary>
internal sealed record NetworkChoice
{
    private const int MostNetworks = 16;
    private const int MostPorts = 1024;

    /// <summary>The kind of network.</summary>
    internal NetworkMode Mode { get; private init; }

    /// <summary>The names of the networks; empty for the default one.</summary>
    internal IReadOnlyList<string> Names { get; private init; } = [];

    /// <summary>The id or name of the container whose network is used.</summary>
    internal string SharedWith { get; init; } = "";

    /// <summary>The options.</summary>
    internal ContainerNetworkOptions Options { get; private init; } = new();

    /// <summary>Reads the options.</summary>
    /// <param name="options">The options.</param>
    /// <param name="hostNetwork">Whether the host's network is chosen by another option.</param>
    internal static NetworkChoice Of(ContainerNetworkOptions options, bool hostNetwork)
    {
        var names = options.Networks.Select(name => name.Trim()).ToList();
        if (hostNetwork && names.Count == 0)
            names = [ContainerNetworks.Host];
        if (hostNetwork && names is not [ContainerNetworks.Host])
            throw Conflicting($"The network of the host cannot be combined with {string.Join(", ", names)}.");
        if (names.Find(NetworkNames.IsReserved) is { } special && names.Count > 1)
            throw Conflicting($"'{special}' cannot be combined with other networks.");
        if (names.Find(string.IsNullOrEmpty) is not null)
            throw Invalid("", "The name of a network is empty.", "Specify the name of a network, or none.");
        if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw Invalid(twice.Key, $"The network '{twice.Key}' is specified twice.", "Specify each network once.");
        if (names.Count > MostNetworks)
            throw Invalid(names[^1], $"A container can have at most {MostNetworks} networks.", "Specify fewer networks.");
        var mode =
            names is [ContainerNetworks.Host] ? NetworkMode.Host
            : names is [NetworkNames.None] ? NetworkMode.Loopback
            : names is [var only] && only.StartsWith(ContainerNetworks.SharedPrefix, StringComparison.Ordinal) ? NetworkMode.Shared
            : names.Count > 0 || options.Ports.Count > 0 ? NetworkMode.Attached
            : NetworkMode.Loopback;
        var choice = new NetworkChoice
        {
            Mode = mode,
            Names = mode == NetworkMode.Attached ? names : [],
            SharedWith = mode == NetworkMode.Shared ? names[0][ContainerNetworks.SharedPrefix.Length..] : "",
            Options = options,
        };
        choice.Require();
        // Files of resolvers have no brackets.
        return choice with { Options = options with { DnsServers = [.. options.DnsServers.Select(AddressText.Normalize)] } };
    }

    private void Require()
    {
        if (Mode == NetworkMode.Shared && SharedWith.Length == 0)
            throw Invalid("container:", "The container whose network is used is not named.", "Specify it as container:ID.");
        if (Mode != NetworkMode.Attached && Options.NeedsNetwork)
            throw Conflicting(
                Mode switch
                {
                    NetworkMode.Host => "A container in the network of the host has the addresses and ports of the host: it cannot "
                        + "publish ports, or have an address or alias of its own.",
                    NetworkMode.Shared => "A container in the network of another container has its addresses and ports: it cannot publish "
                        + "ports, or have an address or alias of its own.",
                    _ => "Ports, addresses and aliases require a network.",
                }
            );
        if (Mode == NetworkMode.Shared && Options.NeedsFiles)
            throw Conflicting("A container in the network of another container has its name servers and host entries.");
        if (Mode == NetworkMode.Loopback && Options.HostEntries.Any(entry => entry.Address == CtrHostEntry.HostGateway))
            throw Conflicting($"The address '{CtrHostEntry.HostGateway}' requires a network.");
        RequireAddress(Options.IPAddress, AddressFamily.InterNetwork);
        RequireAddress(Options.IPv6Address, AddressFamily.InterNetworkV6);
        if (Options.MacAddress is { } mac && !IsHardwareAddress(mac))
            throw Invalid(mac, $"'{mac}' is not the hardware address of an interface.", "Use an address such as 02:42:ac:11:00:02.");
        foreach (
            var alias in Options.Aliases.Where(alias => !RequestChecks.IsHostName(alias) || alias.Contains(':', StringComparison.Ordinal))
        )
            throw Invalid(alias, $"'{alias}' is not a valid host name.", "Use a name such as db.");
        foreach (var server in Options.DnsServers.Where(server => !AddressText.TryParse(server, out _)))
            throw Invalid(server, $"The name server '{server}' is not an IP address.", "Use an address such as 10.0.0.2.");
        foreach (var text in Options.DnsSearch.Concat(Options.DnsOptions))
            if (text.Length == 0 || text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
                throw Invalid(
                    text,
                    $"'{text}' cannot be written to resolv.conf.",
                    "Use a domain such as example.com, or an option such as ndots:1."
                );
        foreach (var entry in Options.HostEntries)
            entry.Validate();
        RequirePorts();
    }

    private void RequirePorts()
    {
        foreach (var port in Options.Ports)
            port.Validate();
        if (Options.Ports.Sum(port => port.Count) > MostPorts)
            throw Invalid("", $"A container can publish at most {MostPorts} ports.", "Use the network of the host for large ranges.");
        var expanded = Options
            .Ports.Where(port => port.HostPort > 0)
            .SelectMany(port => Enumerable.Range(port.HostPort, port.Count).Select(number => (port.Protocol, number, port.HostAddress)))
            .GroupBy(port => (port.Protocol, port.number));
        foreach (var group in expanded)
        {
            // An empty address stands for all.
            var addresses = group.Select(port => port.HostAddress is "0.0.0.0" or "::" ? "" : port.HostAddress).ToList();
            if (addresses.Count > 1 && (addresses.Contains("") || addresses.Distinct(StringComparer.Ordinal).Count() < addresses.Count))
                throw new CtrArgumentException($"The port {group.Key.number}/{group.Key.Protocol} of the host is published twice.")
                {
                    ErrorId = ErrorIds.InvalidPortMapping,
                    Subject = $"{group.Key.number}",
                    Remedy = "Publish each port of the host once.",
                };
        }
    }

    private static void RequireAddress(string? text, AddressFamily family)
    {
        if (
            text is null
            || (AddressText.TryParse(text, out var address) && address.AddressFamily == family && !IPAddress.IsLoopback(address))
        )
            return;
        var kind = family == AddressFamily.InterNetwork ? "IPv4" : "IPv6";
        throw Invalid(
            text,
            $"'{text}' is not an {kind} address.",
            $"Use an address of the network, such as {(kind == "IPv4" ? "10.4.1.5" : "fd00::5")}."
        );
    }

    // An address of a group of interfaces has the last bit of its first byte.
    private static bool IsHardwareAddress(string mac) =>
        RequestChecks.IsMac(mac)
        && Convert.FromHexString(mac[..2]) is [var first]
        && (first & 1) == 0
        && mac.Any(c => c is not ('0' or ':'));

    private static CtrArgumentException Conflicting(string message) =>
        new(message)
        {
            ErrorId = ErrorIds.ConflictingParameters,
            RemedyId = "Network",
            Remedy = "Omit one of the two, or attach the container to a network.",
        };

    private static CtrArgumentException Invalid(string subject, string message, string remedy) =>
        new(message)
        {
            ErrorId = ErrorIds.InvalidNetworkOption,
            Subject = subject,
            Remedy = remedy,
        };
}
