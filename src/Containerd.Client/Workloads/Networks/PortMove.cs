using System.Runtime.Versioning;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Requests;
using Microsoft.Win32.SafeHandles;

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
        var held = await ContainerLock.TakeAsync(cancellationToken).ConfigureAwait(false);
        NetworkRequest source,
            destination;
        try
        {
            (source, destination) = (
                await ReadAsync(fromId, cancellationToken).ConfigureAwait(false),
                await ReadAsync(toId, cancellationToken).ConfigureAwait(false)
            );
            Require(source, destination);
            if (await IsRunningAsync(fromId, cancellationToken).ConfigureAwait(false))
                await RequireRunningAsync(toId, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception)
        {
            held.Dispose();
            throw;
        }

        await BackgroundWork.AwaitAsync(MoveAsync(held, source, destination), ns.Connection, cancellationToken).ConfigureAwait(false);
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
        if (!destination.Networks.Any(n => all.FirstOrDefault(a => a.Name == n.Name)?.Has("portMappings") == true))
            throw new CtrNotSupportedException($"None of the networks of the container '{destination.Container}' can publish ports.")
            {
                ErrorId = ErrorIds.NetworkPortsNotSupported,
                Subject = destination.Container,
                Remedy = "Connect it to a bridge network that is not internal first.",
            };
    }

    private async Task<bool> IsRunningAsync(string containerId, CancellationToken cancellationToken) =>
        await ns.TaskRecords.FindAsync(containerId, cancellationToken).ConfigureAwait(false)
            is { Status: CtrStatus.Running or CtrStatus.Paused };

    private async Task RequireRunningAsync(string containerId, CancellationToken cancellationToken)
    {
        if (await IsRunningAsync(containerId, cancellationToken).ConfigureAwait(false))
            return;
        throw new CtrConflictException($"The container '{containerId}' does not run, so nothing would answer at the ports.")
        {
            ErrorId = ErrorIds.TaskNotRunning,
            Subject = containerId,
            Remedy = "Start its task first.",
        };
    }

    private async Task<bool> MoveAsync(SafeFileHandle held, NetworkRequest source, NetworkRequest destination)
    {
        using var release = held;
        var helper = new HelperChange(ns, host);
        var (without, with) = (source with { Ports = [] }, destination with { Ports = source.Ports });
        using var deadline = new CancellationTokenSource(BackgroundWork.CleanUpDeadline);
        await helper.RunAsync(with, source.Attachment).ConfigureAwait(false);
        try
        {
            await ContainerRequest.ReplaceAsync(ns, with, deadline.Token).ConfigureAwait(false);
            await ContainerRequest.ReplaceAsync(ns, without, deadline.Token).ConfigureAwait(false);
            await helper.RunAsync(without).ConfigureAwait(false);
        }
        catch (CtrException)
        {
            await ContainerRequest.ReplaceAsync(ns, source, deadline.Token).ConfigureAwait(false);
            await ContainerRequest.ReplaceAsync(ns, destination, deadline.Token).ConfigureAwait(false);
            await helper.RunAsync(destination).ConfigureAwait(false);
            throw;
        }

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
        catch (CtrException)
        {
            // It is for other programs.
        }
    }
}
