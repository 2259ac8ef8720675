using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Logs;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Workloads.Networks;

/// <summary>What the network of a container needs when its task is created.</summary>
internal sealed class NetworkStart(RecordScope ns)
{
    /// <summary>
    /// Before the task is created: the helper program may have been removed since the container was created, the container may have another
    /// name, and the process of the container whose network it uses may be another one.
    /// </summary>
    internal async Task PrepareAsync(CtrContainer container, CancellationToken cancellationToken)
    {
        if (container.Labels.TryGetValue(ContainerNetworks.SharedLabel, out var other))
            await JoinAsync(container, other, cancellationToken).ConfigureAwait(false);
        if (ContainerNetworks.RequestOf(container.Spec) is not { } request)
            return;
        if (ns.Connection.Address.IsLocal && Environment.IsPrivilegedProcess)
        {
            var (root, folder) = new StateFolders(ns.Connection).Helper;
            await Task.Run(() => LogHelper.Install(root, folder), cancellationToken).ConfigureAwait(false);
        }

        if (request.Name != container.Name)
            await ChangeAsync(
                    container.ContainerId,
                    spec =>
                    {
                        // Another client may have connected it to a network.
                        if (ContainerNetworks.RequestOf(spec) is { } current)
                            spec.Annotations![NetworkRequest.Annotation] = (current with { Name = container.Name }).Write();
                    },
                    cancellationToken
                )
                .ConfigureAwait(false);
    }

    /// <summary>After the task was created: its addresses are stored, for sessions that cannot read them on the daemon's host.</summary>
    internal async Task RememberAsync(CtrContainer container)
    {
        if (
            !ns.Connection.Address.IsLocal
            || ContainerNetworks.RequestOf(container.Spec) is not { } request
            || AttachmentRecord.Read(request.Folders.RecordOf(request.Attachment)) is not { Complete: true } record
        )
            return;
        var networks = await FollowAsync(container, record).ConfigureAwait(false);
        var text = ContainerNetworks.WriteAddresses(networks);
        if (
            !NetworkSetup.Fits(ContainerNetworks.AddressLabel, text)
            || (container.Labels.TryGetValue(ContainerNetworks.AddressLabel, out var old) && old == text)
        )
            return;
        try
        {
            await ns
                .ContainerRecords.PutLabelAsync(container.ContainerId, ContainerNetworks.AddressLabel, text, CancellationToken.None)
                .ConfigureAwait(false);
        }
        catch (CtrException)
        {
            // The container runs without it.
        }
    }

    /// <summary>
    /// The spec may have been changed since the runtime read it, by a client that found no container to connect or disconnect.
    /// </summary>
    private async Task<IReadOnlyList<AttachedNetwork>> FollowAsync(CtrContainer container, AttachmentRecord record)
    {
        try
        {
            if (!OperatingSystem.IsLinux() || await ChangedAsync().ConfigureAwait(false) is null)
                return record.Networks;
            using var held = await SpecLock.TakeAsync(ns, CancellationToken.None, container.ContainerId).ConfigureAwait(false);
            if (await ChangedAsync().ConfigureAwait(false) is not { } wanted)
                return record.Networks;
            var host = await NetworkHost
                .FindAsync(ns, "Containers can be connected to networks", CancellationToken.None)
                .ConfigureAwait(false);
            var report = await new HelperChange(ns, host).RunAsync(wanted).ConfigureAwait(false);
            return report.IsAttached ? report.Networks : record.Networks;
        }
        catch (CtrException)
        {
            // The container runs with the networks that it was started with.
            return record.Networks;
        }

        async Task<NetworkRequest?> ChangedAsync()
        {
            var current = await ns.ContainerRecords.GetAsync(container.ContainerId, CancellationToken.None).ConfigureAwait(false);
            var attached = AttachmentRecord.Read(record.Request.Folders.RecordOf(record.Request.Attachment)) ?? record;
            return
                ContainerNetworks.RequestOf(current.Spec) is { } wanted
                && !(
                    wanted.Networks.Select(n => n.Name).SequenceEqual(attached.Request.Networks.Select(n => n.Name))
                    && wanted.Ports.SequenceEqual(attached.Request.Ports)
                )
                ? wanted
                : null;
        }
    }

    /// <summary>The helper program's own error for a failure of the runtime; the same failure if there is none.</summary>
    /// <param name="error">The failure.</param>
    /// <param name="container">The container.</param>
    /// <param name="since">When the task's creation began: an older error is that of an earlier start.</param>
    internal CtrException Explain(CtrException error, CtrContainer container, DateTime since)
    {
        if (
            error is not CtrRuntimeException
            || !ns.Connection.Address.IsLocal
            || ContainerNetworks.RequestOf(container.Spec) is not { } request
        )
            return error;
        // crun does not report the output of a hook.
        return
            NetworkFailure.Find(error.Message) is null
            && File.GetLastWriteTimeUtc(request.Folders.FailureOf(request.Attachment)) >= since
            && NetworkFailure.ReadFile(request.Folders, request.Attachment) is { } failure
            ? failure.ToException(error)
            : error;
    }

    private async Task JoinAsync(CtrContainer container, string other, CancellationToken cancellationToken)
    {
        var task = await ns.TaskRecords.FindAsync(other, cancellationToken).ConfigureAwait(false);
        if (task is not { Status: CtrStatus.Running or CtrStatus.Paused or CtrStatus.Created, Pid: > 0 })
            throw new CtrConflictException(
                $"Container '{container.ContainerId}' uses the network of container '{other}', whose task is not running."
            )
            {
                ErrorId = ErrorIds.TaskNotRunning,
                Subject = other,
                Remedy = $"Start the task of container '{other}' first.",
            };
        await ChangeAsync(
                container.ContainerId,
                spec => NetworkSetup.SetNamespace(spec, NetworkSetup.NamespaceOf(task.Pid)),
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    private async Task ChangeAsync(string containerId, Action<CtrSpec> change, CancellationToken cancellationToken)
    {
        using var held = await SpecLock.TakeAsync(ns, cancellationToken, containerId).ConfigureAwait(false);
        var stored = await ns.ContainerRecords.GetWireAsync(containerId, cancellationToken).ConfigureAwait(false);
        var spec = CtrSpec.Parse(stored.Spec.Text());
        change(spec);
        await ns
            .ContainerRecords.PutSpecAsync(containerId, WireAny.Json(stored.Spec.TypeUrl, spec.ToJson(indented: false)), cancellationToken)
            .ConfigureAwait(false);
    }
}
