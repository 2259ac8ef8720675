using System.Runtime.Versioning;
using Containerd.Client.Records;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Names;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;
using Containerd.Host.Networks.Subnets;
using Containerd.Host.Processes;

namespace Containerd.Client.Workloads.Networks;

/// <summary>Examines the networks of a daemon: what prevents containers from starting or from reaching others, and what was left.</summary>
[SupportedOSPlatform("linux")]
internal sealed class NetworkExaminer(RecordScope ns, NetworkHost host)
{
    private const string Bridge = "bridge";
    private static readonly string[] FirewallPlugins = ["portmap", "firewall"];
    private static readonly string[] FirewallPrograms = ["iptables", "nft"];

    private readonly CniNetworks _networks = CniNetworks.Read(host.Folders);

    /// <summary>Examines everything.</summary>
    internal async Task<IReadOnlyList<CtrNetworkFinding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var containers = new List<CtrContainer>();
        var namespaces = await ns.Daemon.Namespaces.NamesAsync(cancellationToken).ConfigureAwait(false);
        foreach (var name in namespaces)
            containers.AddRange(
                await new RecordScope(ns.Connection, name).ContainerRecords.ListAsync(cancellationToken).ConfigureAwait(false)
            );
        var records = AttachmentRecord.ReadAll(host.Folders);
        return
        [
            .. Files()
                .Concat(Plugins())
                .Concat(NameServers())
                .Concat(Subnets())
                .Concat(Host(records))
                .Concat(Containers(containers))
                .Concat(Leftovers(records)),
            .. Addresses(namespaces, containers, records),
            .. await RulesAsync(cancellationToken).ConfigureAwait(false),
        ];
    }

    private IEnumerable<CtrNetworkFinding> Files() => _networks.Flaws.Select(flaw => Finding("ConfigInvalid", flaw));

    private IEnumerable<CtrNetworkFinding> Plugins()
    {
        // The first container creates the default network.
        if (_networks.All.Count == 0)
        {
            var required = NetworkCreator.Required(new NetworkCreateOptions { Name = NetworkNames.Default });
            var missing = required.Where(t => CniPlugin.TryFind(host.Folders, t) is null).ToList();
            if (missing.Count > 0)
            {
                var error = Missing(string.Join("', '", missing), NetworkNames.Default);
                yield return Finding("PluginMissing", NetworkNames.Default, error.Message, error.Remedy ?? "");
            }
        }

        foreach (var network in _networks.All)
        foreach (var type in network.PluginTypes.Distinct(StringComparer.Ordinal).Where(t => CniPlugin.TryFind(host.Folders, t) is null))
        {
            var error = Missing(type, network.Name);
            yield return Finding("PluginMissing", network.Name, error.Message, error.Remedy ?? "", network.Name);
        }
    }

    private IEnumerable<CtrNetworkFinding> NameServers()
    {
        foreach (var network in _networks.All.Where(n => n.HasNameServer && NameServerProgram.TryFind(host.Folders) is null))
        {
            var error = NameServerProgram.Missing(network.Name);
            yield return Finding(ErrorIds.NameServerMissing, network.Name, error.Message, error.Remedy ?? "", network.Name);
        }
    }

    private IEnumerable<CtrNetworkFinding> Subnets()
    {
        const string Remedy = "Create the network again with another subnet, or remove the other one.";
        var all = _networks
            .All.SelectMany(n => n.Subnets.Select(s => (Network: n, Subnet: IpSubnet.TryParse(s.Subnet))))
            .Where(s => s.Subnet is not null)
            .ToList();
        // Those of other networks are compared by their subnets.
        var bridges = _networks.All.Where(n => n.Driver == Bridge).Select(n => n.HostInterface).ToHashSet();
        for (var i = 0; i < all.Count; i++)
        {
            var (network, subnet) = (all[i].Network, all[i].Subnet!.Value);
            foreach (var other in all.Skip(i + 1).Where(o => o.Network != network && o.Subnet!.Value.Overlaps(subnet)))
                yield return Finding(
                    "SubnetConflict",
                    network.Name,
                    $"The subnet {subnet} of the network '{network.Name}' overlaps with {other.Subnet} of the network "
                        + $"'{other.Network.Name}': containers can get the same addresses.",
                    Remedy,
                    network.Name,
                    other.Network.Name
                );
            // A network of macvlan or ipvlan has the subnet of its parent.
            if (network.Driver != Bridge)
                continue;
            foreach (
                var route in HostRoutes
                    .Of(host.Daemon.Pid)
                    .Where(r => !bridges.Contains(r.Interface) && r.Subnet.Overlaps(subnet))
                    .DistinctBy(r => r.Interface)
            )
                yield return Finding(
                    "SubnetConflict",
                    network.Name,
                    $"The subnet {subnet} of the network '{network.Name}' overlaps with the route to {route.Subnet} by the interface "
                        + $"'{route.Interface}' of the host: addresses of one of the two cannot be reached.",
                    Remedy,
                    network.Name
                );
        }
    }

    private IEnumerable<CtrNetworkFinding> Host(IReadOnlyList<AttachmentRecord> records)
    {
        // The plugin turns it on with the first container.
        var forwarded = _networks.All.Where(n => n is { Driver: Bridge, IsInternal: false }).Select(n => n.Name).ToHashSet();
        if (
            HostRoutes.IsForwarding(host.Daemon.Pid) == false
            && records.Any(r => r.IsAlive() && r.Networks.Any(n => forwarded.Contains(n.Name)))
        )
            yield return Finding(
                "ForwardingOff",
                "net.ipv4.ip_forward",
                "The kernel does not forward packets: containers reach no other hosts, and published ports cannot be reached.",
                "Set net.ipv4.ip_forward to 1, also in the configuration of sysctl."
            );
        if (
            FirewallPrograms.All(program => HostProgram.FindSystem(program) is null)
            && _networks.All.FirstOrDefault(n => n.PluginTypes.Any(FirewallPlugins.Contains)) is { } network
        )
            yield return Finding(
                "FirewallMissing",
                network.Name,
                $"The plugins of the network '{network.Name}' require iptables or nft, and the host has neither.",
                "Install the package iptables or nftables.",
                network.Name
            );
    }

    private IEnumerable<CtrNetworkFinding> Containers(IReadOnlyList<CtrContainer> containers)
    {
        // Each containerd namespace has a folder of its own, besides the common one.
        var known = containers
            .Select(c => c.Namespace ?? "")
            .Distinct(StringComparer.Ordinal)
            .ToDictionary(
                name => name,
                name => CniNetworks.Read(host.FoldersOf(name)).All.Select(n => n.Name).ToHashSet(StringComparer.Ordinal),
                StringComparer.Ordinal
            );
        foreach (var container in containers.Where(c => ContainerNetworks.RequestOf(c.Spec) is not null))
        {
            foreach (var network in container.Networks.Where(n => !known[container.Namespace ?? ""].Contains(n.Network)))
                yield return Finding(
                    "NetworkMissing",
                    container.ContainerId,
                    $"The container '{container}' uses the network '{network.Network}', which does not exist: it cannot start.",
                    "Create the network again, or disconnect the container from it.",
                    network.Network
                );
            var hooks = (container.Spec?.Hooks?.CreateRuntime ?? []).Concat(container.Spec?.Hooks?.Poststop ?? []);
            foreach (var path in hooks.Where(NetworkHooks.IsOurs).Select(h => h.Path).Distinct().Where(p => !HostProgram.IsExecutable(p)))
                yield return Finding(
                    ErrorIds.HelperMissing,
                    container.ContainerId,
                    $"The helper program '{path}' of the container '{container}' does not exist or cannot be executed: another client "
                        + "cannot start the container, and its end leaves addresses and rules.",
                    "Start the container with this client, which installs the program again."
                );
        }
    }

    private IEnumerable<CtrNetworkFinding> Leftovers(IReadOnlyList<AttachmentRecord> records)
    {
        foreach (var record in records.Where(r => !r.IsAlive()))
            yield return Left(
                record.Request.Attachment,
                record.Request.Container,
                record.Networks.SelectMany(n => n.Addresses),
                record.Request.Networks.Select(n => n.Name)
            );
        var known = records.Select(r => r.Request.Attachment).ToHashSet(StringComparer.Ordinal);
        foreach (
            var group in CniCacheEntry
                .ReadAll(host.Folders.Results)
                .Where(e => e.Netns.StartsWith(host.Folders.Pins + "/", StringComparison.Ordinal) && !known.Contains(e.ContainerId))
                .GroupBy(e => e.ContainerId, StringComparer.Ordinal)
        )
            yield return Left(group.Key, group.Key, group.SelectMany(e => e.Addresses), group.Select(e => e.Network));
    }

    private async Task<IEnumerable<CtrNetworkFinding>> RulesAsync(CancellationToken cancellationToken)
    {
        try
        {
            var report = await new NetworkRules(ns, host).ExamineAsync(cancellationToken).ConfigureAwait(false);
            return report
                .Attachments.Select(missing =>
                    Finding(
                        "RulesMissing",
                        missing.Container,
                        $"Rules of the container '{missing.Container}' (namespace {missing.Namespace}) for the network "
                            + $"'{missing.Network}' are missing: another program removed them.",
                        "Add the missing rules again.",
                        missing.Network
                    )
                )
                .Concat(
                    report.NameServers.Select(network =>
                        Finding(
                            "NameServerStopped",
                            network,
                            $"The name server of the network '{network}' does not answer: its containers cannot resolve any names.",
                            "Start it again.",
                            network
                        )
                    )
                )
                .Concat(report.Failures.Select(failure => Finding("RulesUnknown", failure.ToException(null))));
        }
        catch (CtrNotSupportedException e) when (e.ErrorId is ErrorIds.HelperMissing or ErrorIds.HelperNotExecutable)
        {
            return [Finding(ErrorIds.HelperMissing, e)];
        }
    }

    /// <summary>Addresses of containers that another client removed without their network. Only the machine's daemon has others.</summary>
    private IEnumerable<CtrNetworkFinding> Addresses(
        IReadOnlyList<string> namespaces,
        List<CtrContainer> containers,
        IReadOnlyList<AttachmentRecord> records
    )
    {
        if (!host.IsMachine)
            yield break;
        var known = containers
            .Select(c => $"{c.Namespace}-{c.ContainerId}")
            .Concat(records.Select(r => r.Request.Attachment))
            .Concat(CniCacheEntry.ReadAll(host.Folders.Results).Select(e => e.ContainerId))
            .ToHashSet(StringComparer.Ordinal);
        foreach (var network in _networks.All.Where(n => n.Author != CniAuthor.Other && HostLocal.IsUsedBy(n)))
        foreach (var attachment in HostLocal.Reservations(network).Select(r => r.Attachment).Distinct(StringComparer.Ordinal))
            if (!known.Contains(attachment) && namespaces.Any(n => attachment.StartsWith(n + "-", StringComparison.Ordinal)))
                yield return Left(attachment, attachment, [], [network.Name]);
    }

    private CtrNetworkFinding Left(string attachment, string container, IEnumerable<string> addresses, IEnumerable<string> networks) =>
        Finding(
            "AttachmentLeft",
            attachment,
            $"The container '{container}' does not run, and is still attached to networks"
                + (addresses.ToList() is { Count: > 0 } all ? $" ({string.Join(", ", all)})." : "."),
            "Remove what containers that no longer run left behind.",
            [.. networks]
        );

    private static CtrNotFoundException Missing(string type, string network) =>
        new($"The network '{network}' requires the CNI plugin '{type}', which is not installed.")
        {
            ErrorId = ErrorIds.NetworkPluginMissing,
            Remedy =
                "Install the CNI plugins: the package containernetworking-plugins of Debian, Ubuntu and Fedora, cni-plugins of others.",
        };

    private CtrNetworkFinding Finding(string kind, CtrException error) =>
        Finding(kind, error.Subject ?? "", error.Message, error.Remedy ?? "");

    private CtrNetworkFinding Finding(string kind, string subject, string message, string remedy, params string[] networks) =>
        ns.Stamp(
            new CtrNetworkFinding
            {
                Kind = kind,
                Subject = subject,
                Networks = networks,
                Message = message,
                Remedy = remedy,
            }
        );
}
