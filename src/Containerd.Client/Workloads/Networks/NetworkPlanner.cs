using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Containerd.Client.Records;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Interfaces;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;
using Containerd.Host.Networks.Subnets;

namespace Containerd.Client.Workloads.Networks;

/// <summary>
/// Turns the caller's choice into a request for the helper program, and rejects what cannot work on this host, before anything is created.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class NetworkPlanner(RecordScope ns, NetworkHost host)
{
    private readonly HostInterfaces _interfaces = new(host.Daemon.Pid);

    /// <summary>Plans the networks of a container.</summary>
    /// <param name="containerId">The container's id.</param>
    /// <param name="name">Its name; null for none.</param>
    /// <param name="choice">The caller's choice.</param>
    /// <param name="warnings">Receives warnings; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The request, and whether the container has IPv6 addresses.</returns>
    internal async Task<PlannedNetworks> PlanAsync(
        string containerId,
        string? name,
        NetworkChoice choice,
        IProgress<string>? warnings,
        CancellationToken cancellationToken
    )
    {
        var networks = Find(choice, warnings);
        foreach (var network in networks)
            RequireUsable(network);
        var users = await NetworkUsers.AllAsync(ns, cancellationToken).ConfigureAwait(false);
        var requested = networks.Select((network, index) => Request(network, index, choice.Options)).ToList();
        Assign(choice.Options.IPAddress, networks, requested, users);
        Assign(choice.Options.IPv6Address, networks, requested, users);
        RequirePorts(choice.Options.Ports, networks);
        return new PlannedNetworks(
            new NetworkRequest
            {
                Namespace = ns.Namespace,
                Container = containerId,
                Name = name,
                Attachment = host.AttachmentOf(containerId),
                Networks = requested,
                Ports = new FreePorts(host, users).Expand(choice.Options.Ports),
                Dns =
                    choice.Options.DnsServers.Count + choice.Options.DnsSearch.Count + choice.Options.DnsOptions.Count > 0
                        ? new RequestedDns
                        {
                            Servers = choice.Options.DnsServers,
                            Search = choice.Options.DnsSearch,
                            Options = choice.Options.DnsOptions,
                        }
                        : null,
                Hosts = [.. choice.Options.HostEntries.Select(e => new RequestedHost { Name = e.Name, Address = e.Address })],
                Folders = host.Folders,
            },
            networks.Any(HasV6),
            networks.Exists(n => n.HasNameServer)
        );
    }

    private List<CniNetwork> Find(NetworkChoice choice, IProgress<string>? warnings)
    {
        var creator = new NetworkCreator(host);
        if (choice.Names.Count == 0)
            return [creator.EnsureDefault(warnings)];
        var all = CniNetworks.Read(host.Folders);
        return
        [
            .. choice.Names.Select(name =>
                name == NetworkNames.Default && all.All.All(n => n.Name != name) ? creator.EnsureDefault(warnings) : all.Require(name)
            ),
        ];
    }

    private void RequireUsable(CniNetwork network)
    {
        foreach (var type in network.PluginTypes.Distinct(StringComparer.Ordinal))
            _ = CniPlugin.Find(host.Folders, type, network.Name);
        if (HasV6(network) && !_interfaces.HasV6)
            throw new CtrNotSupportedException($"The network '{network.Name}' has IPv6 addresses, and the kernel of the host has no IPv6.")
            {
                ErrorId = ErrorIds.NetworkNotSupported,
                Subject = network.Name,
                Remedy = "Use another network, or enable IPv6 on the host.",
            };
    }

    private static RequestedNetwork Request(CniNetwork network, int index, ContainerNetworkOptions options)
    {
        var saved = options.Restored.FirstOrDefault(n => n.Name == network.Name);
        return new()
        {
            Name = network.Name,
            // A process that is restored knows the interface by its name.
            Interface = saved?.Interface ?? $"eth{index}",
            Mac = saved?.Mac ?? (index == 0 ? options.MacAddress?.ToLowerInvariant() : null),
            Aliases = saved?.Aliases ?? options.Aliases,
            Preferred = options.PreferredAddresses.GetValueOrDefault(network.Name, []),
        };
    }

    /// <summary>An address belongs to the network with its subnet.</summary>
    private static void Assign(
        string? address,
        List<CniNetwork> networks,
        List<RequestedNetwork> requested,
        IReadOnlyList<CtrContainer> users
    )
    {
        if (address is null)
            return;
        var parsed = IPAddress.Parse(address);
        var index = networks.FindIndex(network => network.Subnets.Any(s => Includes(s, parsed)));
        if (index < 0)
        {
            var subnets = networks.SelectMany(n => n.Subnets).Select(Describe).Distinct().ToList();
            throw new CtrArgumentException(
                $"The address {address} is not in "
                    + (
                        subnets.Count > 0
                            ? $"a subnet of the container's networks: {string.Join(", ", subnets)}."
                            : "a subnet that is known."
                    )
            )
            {
                ErrorId = ErrorIds.NetworkAddressOutside,
                Subject = address,
                Remedy = "Use an address of the network's subnet, or a network with a subnet that contains the address.",
            };
        }

        var network = networks[index];
        var user =
            network.Subnets.Any(s =>
                s.Gateway == address || (s.Gateway is null && IpSubnet.TryParse(s.Subnet)?.FirstHost.Equals(parsed) == true)
            )
                ? "the gateway of the network"
            : users.FirstOrDefault(c => c.Networks.Any(n => n.Network == network.Name && Holds(c, n, address))) is { } other
                ? $"the container '{other}'"
            : null;
        if (user is not null)
            throw new CtrConflictException($"The address {address} of the network '{network.Name}' belongs to {user}.")
            {
                ErrorId = ErrorIds.NetworkAddressInUse,
                Subject = address,
                Remedy = "Use another address, or none: then a free one is assigned.",
            };
        requested[index] = requested[index] with { Addresses = [.. requested[index].Addresses, address] };
    }

    /// <summary>Whether a container can have an address: the plugins assign only those of the range.</summary>
    private static bool Includes(CniSubnet subnet, IPAddress address) =>
        IpSubnet.TryParse(subnet.Subnet)?.IsHost(address) == true
        && !(IPAddress.TryParse(subnet.RangeStart, out var first) && IpSubnet.IsBefore(address, first))
        && !(IPAddress.TryParse(subnet.RangeEnd, out var last) && IpSubnet.IsBefore(last, address));

    private static string Describe(CniSubnet subnet) =>
        subnet.RangeStart is null && subnet.RangeEnd is null
            ? subnet.Subnet
            : $"{subnet.Subnet} ({subnet.RangeStart} to {subnet.RangeEnd})";

    /// <summary>Whether a container has an address now, or requests it; an address of its last start is free for others.</summary>
    private static bool Holds(CtrContainer container, CtrNetworkAttachment attachment, string address) =>
        attachment.IPAddresses.Contains(address)
        && (
            attachment.Gateways.Length > 0
            || ContainerNetworks.RequestOf(container.Spec)?.Networks.Any(n => n.Name == attachment.Network && n.Addresses.Contains(address))
                == true
        );

    private static void RequirePorts(IReadOnlyList<CtrPortMapping> ports, List<CniNetwork> networks)
    {
        if (ports.Count == 0)
            return;
        if (networks.Exists(n => n.CanPublish(ports.Select(p => p.HostAddress).Where(a => a.Length > 0))))
            return;
        if (networks.Find(n => n.Has(CniNetwork.PortMappings)) is not { } publishing)
            throw new CtrNotSupportedException(
                $"The {(networks.Count == 1 ? "network" : "networks")} {string.Join(", ", networks.Select(n => $"'{n.Name}'"))} cannot "
                    + "publish ports: no plugin does it, or the network is internal."
            )
            {
                ErrorId = ErrorIds.NetworkPortsNotSupported,
                Subject = networks[0].Name,
                Remedy = "Use a bridge network that is not internal.",
            };
        var other = ports.First(port => port.HostAddress.Length > 0 && !publishing.HasFamilyOf(port.HostAddress));
        var (has, lacks) = other.HostAddress.Contains(':', StringComparison.Ordinal) ? ("IPv6", "IPv4") : ("IPv4", "IPv6");
        throw new CtrNotSupportedException(
            $"The port mapping '{other}' has an {has} address, and the network '{publishing.Name}' has no {has} subnet."
        )
        {
            ErrorId = ErrorIds.NetworkPortsNotSupported,
            Subject = $"{other}",
            Remedy = $"Use an {lacks} address, or a network with an {has} subnet.",
        };
    }

    private static bool HasV6(CniNetwork network) =>
        network.Subnets.Any(s => IpSubnet.TryParse(s.Subnet)?.First.AddressFamily == AddressFamily.InterNetworkV6);
}
