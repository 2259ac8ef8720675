using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Networks;
using Containerd.Host.Errors;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client;

/// <summary>
/// The networks for containers of a daemon on this machine: configurations of CNI plugins. They belong to the machine, or to a private
/// daemon, and not to a containerd namespace; only nerdctl has further networks for each namespace.
/// </summary>
public sealed class NetworkService
{
    private const string Managed = "Networks can be managed";
    private const string Connected = "Containers can be connected to networks";

    /// <summary>The age from which files without a container are removed; younger ones may belong to one that is being created.</summary>
    private static readonly TimeSpan FileAge = TimeSpan.FromMinutes(10);

    private readonly RecordScope _ns;

    internal NetworkService(RecordScope ns) => _ns = ns;

    /// <summary>Reads all networks, whatever program wrote their files.</summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The networks, and one error for each file that cannot be used.</returns>
    /// <exception cref="CtrNotSupportedException">The daemon is not on this machine (DaemonNotLocal).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<NetworkListing> ListAsync(CancellationToken cancellationToken = default)
    {
        var host = await HostAsync(cancellationToken).ConfigureAwait(false);
        var found = CniNetworks.Read(host.Folders);
        return new NetworkListing([.. found.All.Select(Convert).OrderBy(n => n.Name, StringComparer.Ordinal)], found.Flaws);
    }

    /// <summary>Reads a network.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The network.</returns>
    /// <exception cref="CtrNotFoundException">The network does not exist (NetworkNotFound).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrNetwork> GetAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        var host = await HostAsync(cancellationToken).ConfigureAwait(false);
        return Convert(CniNetworks.Read(host.Folders).Require(name));
    }

    /// <summary>Reads which containers are attached to networks, in all namespaces of the daemon.</summary>
    /// <param name="networks">The networks, whose attachments are filled in.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task ReadAttachmentsAsync(IReadOnlyList<CtrNetwork> networks, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(networks);
        var users = await NetworkUsers.AllAsync(_ns, cancellationToken).ConfigureAwait(false);
        foreach (var network in networks)
            network.Attachments = [.. users.SelectMany(c => c.Networks).Where(n => n.Network == network.Name)];
    }

    /// <summary>Creates a network.</summary>
    /// <param name="options">The options.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The network.</returns>
    /// <exception cref="CtrArgumentException">InvalidNetworkName, InvalidNetworkOption, InvalidSubnet.</exception>
    /// <exception cref="CtrConflictException">NetworkExists, SubnetInUse.</exception>
    /// <exception cref="CtrNotFoundException">A program is not installed (NetworkPluginMissing, NameServerMissing).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrNetwork> CreateAsync(NetworkCreateOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        NetworkNames.Require(options.Name);
        var host = await HostAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return Convert(await Task.Run(() => Create(host, options), cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(options.Name, host.Folders.Configuration[0], e);
        }
    }

    /// <summary>Removes a network with its bridge and the file of its configuration.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrConflictException">A container uses it (NetworkInUse).</exception>
    /// <exception cref="CtrNotFoundException">The network does not exist (NetworkNotFound).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task RemoveAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        var host = await HostAsync(cancellationToken).ConfigureAwait(false);
        var network = CniNetworks.Read(host.Folders).Require(name);
        var users = await NetworkUsers.AllAsync(_ns, cancellationToken).ConfigureAwait(false);
        if (NetworkUsers.Of(name, host, _ns.Namespace, users) is { Count: > 0 } names)
            throw new CtrConflictException(
                $"The network '{name}' is used by {(names.Count == 1 ? "the container" : "the containers")} {string.Join(", ", names)}."
            )
            {
                ErrorId = ErrorIds.NetworkInUse,
                Subject = name,
                Remedy = "Remove the containers first; a container that is stopped also uses its networks.",
            };
        try
        {
            await RemoveAsync(host, network, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(name, network.Path, e);
        }
    }

    /// <summary>The networks that this client created and no container uses; not the default network.</summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The networks.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrNetwork>> FindUnusedAsync(CancellationToken cancellationToken = default) =>
        await FindUnusedAsync(static _ => true, cancellationToken).ConfigureAwait(false);

    /// <summary>The same, with only some containers of the daemon as users.</summary>
    internal async Task<IReadOnlyList<CtrNetwork>> FindUnusedAsync(Func<CtrContainer, bool> isUser, CancellationToken cancellationToken)
    {
        var host = await HostAsync(cancellationToken).ConfigureAwait(false);
        CtrContainer[] users = [.. (await NetworkUsers.AllAsync(_ns, cancellationToken).ConfigureAwait(false)).Where(isUser)];
        return
        [
            .. CniNetworks
                .Read(host.Folders)
                .All.Where(n => n is { Author: CniAuthor.Module, IsDefault: false })
                .Where(n => NetworkUsers.Of(n.Name, host, _ns.Namespace, users).Count == 0)
                .Select(Convert),
        ];
    }

    /// <summary>
    /// Removes what containers that no longer run left behind, as after a crash of the machine: addresses, rules, interfaces, files. With
    /// the machine's daemon, also what other clients left behind in networks of this client or nerdctl.
    /// </summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The containers, as NAMESPACE-ID, whose attachments were removed.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<string>> SweepAsync(CancellationToken cancellationToken = default)
    {
        var host = await HostAsync(cancellationToken).ConfigureAwait(false);
        if (!OperatingSystem.IsLinux())
            return [];
        var namespaces = await _ns.Daemon.Namespaces.NamesAsync(cancellationToken).ConfigureAwait(false);
        var containers = new List<string>();
        var files = new NetworkFiles(_ns.Connection);
        foreach (var name in namespaces)
        {
            var all = await new RecordScope(_ns.Connection, name).ContainerRecords.ListAsync(cancellationToken).ConfigureAwait(false);
            containers.AddRange(all.Select(c => $"{name}-{c.ContainerId}"));
            files.Sweep(name, all, FileAge);
        }

        var report = await new HelperRules(_ns, host)
            .SweepAsync(
                new SweepRequest
                {
                    Folders = host.Folders,
                    Namespaces = host.IsMachine ? namespaces : null,
                    Containers = containers,
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        return report.Failures is [var failure, ..]
            ? throw failure.ToException(null)
            : [.. report.Attachments.Concat(report.Others).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>
    /// Connects a container to a network, whether it runs or not. Its first network keeps the default route and the published ports. The
    /// container must have been created by this client, with a network.
    /// </summary>
    /// <param name="containerId">The container's id.</param>
    /// <param name="network">The name of the network.</param>
    /// <param name="options">The addresses and names of the container in it; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. A change that has begun is completed.</param>
    /// <returns>The container.</returns>
    /// <exception cref="CtrConflictException">It is connected already (NetworkConnected), or NetworkAddressInUse.</exception>
    /// <exception cref="CtrNotFoundException">ContainerNotFound, NetworkNotFound, NetworkPluginMissing.</exception>
    /// <exception cref="CtrNotSupportedException">The networks of the container cannot be changed (NetworkNotSupported).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrContainer> ConnectAsync(
        string containerId,
        string network,
        NetworkConnectOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(containerId);
        ArgumentNullException.ThrowIfNull(network);
        var host = await HostAsync(cancellationToken, Connected).ConfigureAwait(false);
        if (OperatingSystem.IsLinux())
            await new NetworkConnection(_ns, host)
                .ConnectAsync(containerId, network, options ?? new(), cancellationToken)
                .ConfigureAwait(false);
        return await _ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Disconnects a container from a network, whether it runs or not. If it was its first network, the next one gets the default route and
    /// the published ports.
    /// </summary>
    /// <param name="containerId">The container's id.</param>
    /// <param name="network">The name of the network.</param>
    /// <param name="force">Whether the container no longer publishes ports if no other network can publish them.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. A change that has begun is completed.</param>
    /// <returns>The container.</returns>
    /// <exception cref="CtrConflictException">No other network can publish its ports (NetworkPublishesPorts).</exception>
    /// <exception cref="CtrNotFoundException">ContainerNotFound, NetworkNotConnected.</exception>
    /// <exception cref="CtrNotSupportedException">The networks of the container cannot be changed (NetworkNotSupported).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrContainer> DisconnectAsync(
        string containerId,
        string network,
        bool force = false,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(containerId);
        ArgumentNullException.ThrowIfNull(network);
        var host = await HostAsync(cancellationToken, Connected).ConfigureAwait(false);
        if (OperatingSystem.IsLinux())
            await new NetworkConnection(_ns, host).DisconnectAsync(containerId, network, force, cancellationToken).ConfigureAwait(false);
        return await _ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Examines the networks of the daemon: what prevents them from working, and what was left behind. It changes nothing.
    /// </summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The findings; empty if there are none.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrNetworkFinding>> ExamineAsync(CancellationToken cancellationToken = default)
    {
        var host = await HostAsync(cancellationToken).ConfigureAwait(false);
        return OperatingSystem.IsLinux() ? await new NetworkExaminer(_ns, host).ExamineAsync(cancellationToken).ConfigureAwait(false) : [];
    }

    /// <summary>
    /// Adds missing rules of running containers again: for published ports, for masquerading, and those of the firewall plugin. Starts the
    /// name server of networks again if it stopped. The addresses of the containers do not change.
    /// </summary>
    /// <param name="networks">The names of networks; null for all.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The containers whose rules or name server were missing, in any namespace of the daemon.</returns>
    /// <exception cref="CtrNotFoundException">The network does not exist (NetworkNotFound).</exception>
    /// <exception cref="CtrRuntimeException">
    /// It could not be repaired (NetworkRepairFailed, NetworkPluginFailed, NameServerFailed, NameServerUnreachable).
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrNetworkAttachment>> RepairAsync(
        IReadOnlyList<string>? networks = null,
        CancellationToken cancellationToken = default
    )
    {
        var host = await HostAsync(cancellationToken).ConfigureAwait(false);
        if (!OperatingSystem.IsLinux())
            return [];
        var all = CniNetworks.Read(host.Folders);
        foreach (var name in networks ?? [])
            _ = all.Require(name);
        return await new NetworkRules(_ns, host).RepairAsync(networks, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The published ports of a container, one object for each.</summary>
    /// <param name="container">The container.</param>
    /// <returns>The ports, in the order in which they were published.</returns>
    public IReadOnlyList<CtrPort> GetPorts(CtrContainer container)
    {
        ArgumentNullException.ThrowIfNull(container);
        return
        [
            .. container.Ports.SelectMany(range =>
                Enumerable
                    .Range(0, range.Count)
                    .Select(offset =>
                    {
                        var port = _ns.Stamp(
                            new CtrPort
                            {
                                ContainerId = container.ContainerId,
                                Protocol = range.Protocol,
                                HostAddress = range.HostAddress,
                                HostPort = range.HostPort + offset,
                                ContainerPort = range.ContainerPort + offset,
                            }
                        );
                        port.Namespace = container.Namespace;
                        return port;
                    })
            ),
        ];
    }

    /// <summary>
    /// Moves the published ports of a container to another one that publishes none, without a moment in which nothing answers. Connections
    /// that exist continue with the first container.
    /// </summary>
    /// <param name="containerId">The id of the container that publishes the ports.</param>
    /// <param name="destinationId">The id of the container that gets them.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. A change that has begun is completed.</param>
    /// <returns>The container that got them.</returns>
    /// <exception cref="CtrArgumentException">InvalidNetworkOption: there are no ports, or the other container has some.</exception>
    /// <exception cref="CtrConflictException">The first container runs, and the other one does not (TaskNotRunning).</exception>
    /// <exception cref="CtrNotSupportedException">NetworkNotSupported, NetworkPortsNotSupported.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrContainer> MovePortsAsync(string containerId, string destinationId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(containerId);
        ArgumentNullException.ThrowIfNull(destinationId);
        var host = await HostAsync(cancellationToken, "Published ports can be moved").ConfigureAwait(false);
        if (OperatingSystem.IsLinux())
            await new PortMove(_ns, host).RunAsync(containerId, destinationId, cancellationToken).ConfigureAwait(false);
        return await _ns.ContainerRecords.GetAsync(destinationId, cancellationToken).ConfigureAwait(false);
    }

    private Task<NetworkHost> HostAsync(CancellationToken cancellationToken, string what = Managed)
    {
        _ns.Connection.RequireHost(what);
        return OperatingSystem.IsLinux() ? NetworkHost.FindAsync(_ns, what, cancellationToken) : throw OnlyOnLinux();
    }

    private static CniNetwork Create(NetworkHost host, NetworkCreateOptions options) =>
        OperatingSystem.IsLinux() ? new NetworkCreator(host).Create(options) : throw OnlyOnLinux();

    private static CtrNotSupportedException OnlyOnLinux() =>
        new("Networks are supported only on Linux.") { ErrorId = ErrorIds.NetworkNotSupported, Remedy = "Connect to a daemon on Linux." };

    private async Task RemoveAsync(NetworkHost host, CniNetwork network, CancellationToken cancellationToken)
    {
        File.Delete(network.Path);
        // Plugins create the bridge of a network and leave it. Those of other programs may be shared.
        if (!OperatingSystem.IsLinux() || network is not { Driver: "bridge", Author: not CniAuthor.Other, HostInterface: { } bridge })
            return;
        var request = new SweepRequest
        {
            Folders = host.Folders,
            Only = [],
            Bridges = [bridge],
        };
        try
        {
            var report = await new HelperRules(_ns, host).SweepAsync(request, cancellationToken).ConfigureAwait(false);
            if (report.Failures is [var failure, ..])
                throw failure.ToException(null);
        }
        catch (CtrNotSupportedException e) when (e.ErrorId is ErrorIds.HelperMissing or ErrorIds.HelperNotExecutable)
        {
            // Then no container was ever attached to it, and it has no bridge.
        }
    }

    private CtrNetwork Convert(CniNetwork network) =>
        _ns.Stamp(
            new CtrNetwork
            {
                Name = network.Name,
                Driver = network.Driver,
                Subnets = [.. network.Subnets.Select(s => s.Subnet).Distinct()],
                Gateways = [.. network.Subnets.Select(s => s.Gateway).OfType<string>().Distinct()],
                Interface = network.HostInterface ?? "",
                Mtu = network.Mtu,
                Internal = network.IsInternal,
                Isolated = network.IngressPolicy == "isolated",
                NameResolution = network.HasNameServer ? CtrNameResolution.Dns : CtrNameResolution.HostsFile,
                Default = network.IsDefault,
                Labels = new CtrMap(network.Labels.ToDictionary(l => l.Key, l => l.Value)),
                Plugins = [.. network.Plugins.Select(p => CniJson.Text(p["type"])).OfType<string>()],
                CniVersion = $"{network.Version}",
                CreatedBy = network.Author switch
                {
                    CniAuthor.Module => "containerd-powershell",
                    CniAuthor.Nerdctl => "nerdctl",
                    _ => "",
                },
                Path = network.Path,
            }
        );

    private static CtrPermissionException NotWritable(string name, string path, Exception cause) =>
        new($"The network '{name}' cannot be changed in '{path}': {cause.Message.TrimEnd('.')}.", cause)
        {
            ErrorId = ErrorIds.NetworkNotWritable,
            Subject = path,
            RemedyId = "AsRoot",
            Remedy = "Run as root, and check that the file system can be written to.",
        };
}
