using System.Runtime.Versioning;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Workloads.Networks;

/// <summary>
/// Connects existing containers to networks, and disconnects them. A container that runs is changed first, by the helper program; then the
/// request in its spec, so that its next start has the same networks. If one of the two fails, neither is changed.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class NetworkConnection(RecordScope ns, NetworkHost host)
{
    /// <summary>Connects a container.</summary>
    internal async Task ConnectAsync(string containerId, string network, NetworkConnectOptions options, CancellationToken cancellationToken)
    {
        if (NetworkNames.IsReserved(network))
            throw new CtrArgumentException(
                $"A container can be connected to a network, and not to '{network}', which is chosen when a container is created."
            )
            {
                ErrorId = ErrorIds.InvalidNetworkOption,
                Subject = network,
                Remedy = "Specify the name of a network.",
            };
        var choice = NetworkChoice.Of(
            new ContainerNetworkOptions
            {
                Networks = [network],
                IPAddress = options.IPAddress,
                IPv6Address = options.IPv6Address,
                MacAddress = options.MacAddress,
                Aliases = options.Aliases,
            },
            hostNetwork: false
        );
        await ChangeAsync(containerId, PlanAsync, cancellationToken).ConfigureAwait(false);

        async Task<NetworkRequest> PlanAsync(CtrContainer container, NetworkRequest request)
        {
            if (request.Networks.Any(n => n.Name == network))
                throw new CtrConflictException($"The container '{container}' is connected to the network '{network}' already.")
                {
                    ErrorId = ErrorIds.NetworkConnected,
                    Subject = container.ContainerId,
                    Remedy = "Disconnect it first, if it is to have another address.",
                };
            if (request.Networks.Count == RequestChecks.MostNetworks)
                throw new CtrArgumentException(
                    $"The container '{container}' has {RequestChecks.MostNetworks} networks, which are the most."
                )
                {
                    ErrorId = ErrorIds.InvalidNetworkOption,
                    Subject = container.ContainerId,
                    Remedy = "Disconnect it from another network first.",
                };
            var planned = await new NetworkPlanner(ns, host)
                .PlanAsync(containerId, container.Name, choice, options.Warnings, cancellationToken)
                .ConfigureAwait(false);
            var added = planned.Request.Networks[0] with { Interface = FreeInterface(request) };
            return request with { Name = container.Name, Networks = [.. request.Networks, added] };
        }
    }

    /// <summary>Disconnects a container.</summary>
    internal Task DisconnectAsync(string containerId, string network, bool force, CancellationToken cancellationToken) =>
        ChangeAsync(containerId, (container, request) => Task.FromResult(Without(container, request, network, force)), cancellationToken);

    private NetworkRequest Without(CtrContainer container, NetworkRequest request, string network, bool force)
    {
        if (request.Networks.All(n => n.Name != network))
            throw new CtrNotFoundException($"The container '{container}' is not connected to the network '{network}'.")
            {
                ErrorId = ErrorIds.NetworkNotConnected,
                Subject = container.ContainerId,
                Remedy =
                    request.Networks.Count > 0
                        ? $"Its networks are {string.Join(", ", request.Networks.Select(n => n.Name))}."
                        : "It has no networks.",
            };
        var target = request with { Name = container.Name, Networks = [.. request.Networks.Where(n => n.Name != network)] };
        if (request.Ports.Count == 0 || CanPublish(target))
            return target;
        return force
            ? target with
            {
                Ports = [],
            }
            : throw new CtrConflictException(
                $"The container '{container}' publishes ports on the network '{network}', and none of its other networks can publish them."
            )
            {
                ErrorId = ErrorIds.NetworkPublishesPorts,
                Subject = container.ContainerId,
                Remedy = "Connect it to another bridge network first, or force it: then the container no longer publishes ports.",
            };
    }

    private bool CanPublish(NetworkRequest request)
    {
        var all = CniNetworks.Read(host.Folders).All;
        return request.Networks.Any(n => all.FirstOrDefault(a => a.Name == n.Name)?.CanPublish(request.HostAddresses) == true);
    }

    private static string FreeInterface(NetworkRequest request) =>
        Enumerable
            .Range(0, RequestChecks.MostNetworks + 1)
            .Select(number => FormattableString.Invariant($"eth{number}"))
            .First(name => request.Networks.All(n => n.Interface != name));

    /// <summary>Changes the container and its spec, under the lock. What has begun continues after a cancellation.</summary>
    private async Task ChangeAsync(
        string containerId,
        Func<CtrContainer, NetworkRequest, Task<NetworkRequest>> plan,
        CancellationToken cancellationToken
    )
    {
        var held = await SpecLock.TakeAsync(ns, cancellationToken, containerId).ConfigureAwait(false);
        NetworkRequest former,
            target;
        try
        {
            var container = await ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
            former = ContainerRequest.Require(container, host);
            target = await plan(container, former).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
        catch (Exception)
        {
            held.Dispose();
            throw;
        }

        await BackgroundWork.AwaitAsync(ApplyAsync(held, former, target), ns.Connection, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ChangeReport> ApplyAsync(SpecLock held, NetworkRequest former, NetworkRequest target)
    {
        using var release = held;
        var helper = new HelperChange(ns, host);
        var report = await helper.RunAsync(target).ConfigureAwait(false);
        try
        {
            await ContainerRequest.ReplaceAsync(ns, target).ConfigureAwait(false);
            // A start may have read the spec just before it was changed.
            if (!report.IsAttached)
                report = await helper.RunAsync(target).ConfigureAwait(false);
        }
        catch (CtrException)
        {
            // An unanswered change may have been carried out.
            await Undo.TryAsync(
                    () => ContainerRequest.ReplaceAsync(ns, former),
                    () => report.IsAttached ? helper.RunAsync(former) : Task.CompletedTask
                )
                .ConfigureAwait(false);
            throw;
        }

        using var deadline = new CancellationTokenSource(BackgroundWork.CleanUpDeadline);
        await PutLabelsAsync(former, target, report, deadline.Token).ConfigureAwait(false);
        return report;
    }

    private async Task PutLabelsAsync(
        NetworkRequest former,
        NetworkRequest target,
        ChangeReport report,
        CancellationToken cancellationToken
    )
    {
        try
        {
            if (report.IsAttached)
                await PutAsync(ContainerNetworks.AddressLabel, ContainerNetworks.WriteAddresses(report.Networks)).ConfigureAwait(false);
            if (former.Ports.Count > 0 && target.Ports.Count == 0)
                await PutAsync(ContainerNetworks.PortLabel, "").ConfigureAwait(false);
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException)
        {
            // They are for sessions that cannot read the record on the daemon's host.
        }

        async Task PutAsync(string label, string text)
        {
            if (NetworkSetup.Fits(label, text))
                await ns.ContainerRecords.PutLabelAsync(target.Container, label, text, cancellationToken).ConfigureAwait(false);
        }
    }
}
