using System.Runtime.Versioning;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Workloads.Networks;

/// <summary>
/// Moves the published ports of a container to another one. The other container gets them before the first one loses them, so that no
/// connection is refused; connections that exist continue with the first one.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class PortMove(RecordScope ns, NetworkHost host)
{
    /// <summary>Moves the ports.</summary>
    internal async Task RunAsync(string fromId, string toId, CancellationToken cancellationToken)
    {
        var held = await SpecLock.TakeAsync(ns, cancellationToken, fromId, toId).ConfigureAwait(false);
        bool isServed;
        NetworkRequest source,
            destination;
        try
        {
            (source, destination) = (
                await ReadAsync(fromId, cancellationToken).ConfigureAwait(false),
                await ReadAsync(toId, cancellationToken).ConfigureAwait(false)
            );
            Require(source, destination);
            isServed = await IsRunningAsync(fromId, cancellationToken).ConfigureAwait(false);
            if (isServed && !await IsRunningAsync(toId, cancellationToken).ConfigureAwait(false))
                throw NotRunning(toId);
            cancellationToken.ThrowIfCancellationRequested();
        }
        catch (Exception)
        {
            held.Dispose();
            throw;
        }

        await BackgroundWork
            .AwaitAsync(MoveAsync(held, source, destination, isServed), ns.Connection, cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task<NetworkRequest> ReadAsync(string containerId, CancellationToken cancellationToken) =>
        ContainerRequest.Require(await ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false), host);

    private void Require(NetworkRequest source, NetworkRequest destination)
    {
        if (source.Ports.Count == 0 || destination.Ports.Count > 0)
            throw new CtrArgumentException(
                source.Ports.Count == 0
                    ? $"The container '{source.Container}' publishes no ports."
                    : $"The container '{destination.Container}' publishes ports already: {string.Join(", ", destination.Ports)}."
            )
            {
                ErrorId = ErrorIds.InvalidNetworkOption,
                Subject = source.Ports.Count == 0 ? source.Container : destination.Container,
                Remedy = "Specify a container that publishes ports, and then one that publishes none.",
            };
        var all = CniNetworks.Read(host.Folders).All;
        if (!destination.Networks.Any(n => all.FirstOrDefault(a => a.Name == n.Name)?.CanPublish(source.HostAddresses) == true))
            throw new CtrNotSupportedException(
                $"None of the networks of the container '{destination.Container}' can publish the ports {string.Join(", ", source.Ports)}."
            )
            {
                ErrorId = ErrorIds.NetworkPortsNotSupported,
                Subject = destination.Container,
                Remedy = "Connect it first to a bridge network that is not internal and has a subnet of the family of the addresses.",
            };
    }

    private async Task<bool> IsRunningAsync(string containerId, CancellationToken cancellationToken) =>
        await ns.TaskRecords.FindAsync(containerId, cancellationToken).ConfigureAwait(false)
            is { Status: CtrStatus.Running or CtrStatus.Paused };

    private static CtrConflictException NotRunning(string containerId) =>
        new($"The container '{containerId}' does not run, so nothing would answer at the ports.")
        {
            ErrorId = ErrorIds.TaskNotRunning,
            Subject = containerId,
            Remedy = "Start its task first.",
        };

    /// <param name="held">The lock.</param>
    /// <param name="source">The request of the container that loses the ports.</param>
    /// <param name="destination">That of the one that gets them.</param>
    /// <param name="isServed">Whether the first one runs.</param>
    private async Task<bool> MoveAsync(SpecLock held, NetworkRequest source, NetworkRequest destination, bool isServed)
    {
        using var release = held;
        var helper = new HelperChange(ns, host);
        var (without, with) = (source with { Ports = [] }, destination with { Ports = source.Ports });
        var report = await helper.RunAsync(with, source.Attachment).ConfigureAwait(false);
        // It has just ended.
        if (isServed && !report.IsAttached)
            throw NotRunning(destination.Container);
        var undo = new Stack<Func<Task>>([() => helper.RunAsync(destination)]);
        try
        {
            undo.Push(() => ContainerRequest.ReplaceAsync(ns, destination));
            await ContainerRequest.ReplaceAsync(ns, with).ConfigureAwait(false);
            undo.Push(() => ContainerRequest.ReplaceAsync(ns, source));
            await ContainerRequest.ReplaceAsync(ns, without).ConfigureAwait(false);
            // It may fail after the ports are gone.
            undo.Push(() => helper.RunAsync(source, destination.Attachment));
            await helper.RunAsync(without).ConfigureAwait(false);
        }
        catch (CtrException)
        {
            await Undo.TryAsync(undo).ConfigureAwait(false);
            throw;
        }

        using var deadline = new CancellationTokenSource(BackgroundWork.CleanUpDeadline);
        await PutLabelAsync(source.Container, "", deadline.Token).ConfigureAwait(false);
        await PutLabelAsync(destination.Container, ContainerNetworks.WritePorts(source.Ports), deadline.Token).ConfigureAwait(false);
        return true;
    }

    private async Task PutLabelAsync(string containerId, string ports, CancellationToken cancellationToken)
    {
        if (!NetworkSetup.Fits(ContainerNetworks.PortLabel, ports))
            return;
        try
        {
            await ns
                .ContainerRecords.PutLabelAsync(containerId, ContainerNetworks.PortLabel, ports, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException)
        {
            // It is for other programs.
        }
    }
}
