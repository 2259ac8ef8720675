using Containerd.Client.Daemon;
using Containerd.Client.Specs;
using Containerd.Client.Transport;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using WireContainers = Containerd.Client.Wire.Containers;

namespace Containerd.Client.Records;

/// <summary>The metadata of a namespace's containers as the daemon stores it (containers.v1).</summary>
internal sealed class ContainerRecords(RecordScope ns)
{
    internal WireContainers.Containers.ContainersClient Stub => new(ns.Calls());

    /// <summary>The containers of the namespace, by id (Containers.ListStream).</summary>
    internal async Task<IReadOnlyList<CtrContainer>> ListAsync(CancellationToken cancellationToken)
    {
        var containers = new List<CtrContainer>();
        try
        {
            // List returns one message of at most 16 MiB, which is too small for many containers.
            using var call = Stub.ListStream(new WireContainers.ListContainersRequest(), cancellationToken: cancellationToken);
            await foreach (var message in call.ResponseStream.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                containers.Add(FromWire(message.Container));
        }
        catch (RpcException e)
        {
            throw RpcErrors.Translate(e, Resource.Container, null);
        }

        return [.. containers.OrderBy(c => c.ContainerId, StringComparer.Ordinal)];
    }

    /// <summary>Reads a container (Containers.Get).</summary>
    internal async Task<CtrContainer> GetAsync(string id, CancellationToken cancellationToken) =>
        FromWire(await GetWireAsync(id, cancellationToken).ConfigureAwait(false));

    /// <summary>Whether a container exists and has a name.</summary>
    internal async Task<bool> HasNameAsync(string id, string name, CancellationToken cancellationToken)
    {
        try
        {
            return id.Length > 0
                && ContainerLabels.NameOf((await GetWireAsync(id, cancellationToken).ConfigureAwait(false)).Labels) == name;
        }
        catch (CtrNotFoundException)
        {
            return false;
        }
    }

    /// <summary>One container as containerd stores it (Containers.Get).</summary>
    internal async Task<WireContainers.Container> GetWireAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            return (
                await Stub.GetAsync(new() { Id = id }, cancellationToken: cancellationToken)
                    .TranslateErrors(Resource.Container, id)
                    .ConfigureAwait(false)
            ).Container;
        }
        catch (CtrNotFoundException e)
        {
            throw new CtrNotFoundException($"There is no container '{id}' in the namespace '{ns.Namespace}'.", e.InnerException)
            {
                ErrorId = e.ErrorId,
                Subject = id,
                RemedyId = e.RemedyId,
                Remedy = e.Remedy,
            };
        }
    }

    internal Task<CtrContainer> UpdateAsync(WireContainers.Container container, string field, CancellationToken cancellationToken) =>
        UpdateAsync(container, [field], cancellationToken);

    private async Task<CtrContainer> UpdateAsync(
        WireContainers.Container container,
        IEnumerable<string> fields,
        CancellationToken cancellationToken
    )
    {
        var request = new WireContainers.UpdateContainerRequest { Container = container, UpdateMask = new() };
        request.UpdateMask.Paths.AddRange(fields);
        return FromWire(
            (
                await Stub.UpdateAsync(request, cancellationToken: cancellationToken)
                    .TranslateErrors(Resource.Container, container.Id)
                    .ConfigureAwait(false)
            ).Container
        );
    }

    /// <summary>Sets any label of a container (Containers.Update).</summary>
    internal Task<CtrContainer> PutLabelAsync(string id, string label, string value, CancellationToken cancellationToken) =>
        PutLabelsAsync(id, [(label, value)], cancellationToken);

    /// <summary>Sets labels of a container at once (Containers.Update); containerd removes one whose value is empty.</summary>
    internal async Task<CtrContainer> PutLabelsAsync(
        string id,
        IReadOnlyList<(string Label, string Value)> labels,
        CancellationToken cancellationToken
    )
    {
        var container = new WireContainers.Container { Id = id };
        foreach (var (label, value) in labels)
            container.Labels[label] = value;
        return await UpdateAsync(container, labels.Select(l => "labels." + l.Label), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Replaces a container's spec by bytes as they are stored (Containers.Update). If it is made from the stored one, the caller holds the
    /// <see cref="SpecLock"/>.
    /// </summary>
    internal async Task PutSpecAsync(string id, Any spec, CancellationToken cancellationToken) =>
        await UpdateAsync(new WireContainers.Container { Id = id, Spec = spec }, "spec", cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Merges limits into the stored spec (Containers.Update), as bytes: other data that clients wrote to it is not changed. The caller
    /// holds the <see cref="SpecLock"/>.
    /// </summary>
    /// <returns>The spec before the change; null if there is no spec to update.</returns>
    internal async Task<Any?> MergeResourcesAsync(string id, CtrSpecResources change, CancellationToken cancellationToken)
    {
        var container = await GetWireAsync(id, cancellationToken).ConfigureAwait(false);
        if (container.Spec is not { Value.IsEmpty: false } old || ResourceMerge.Merge(old.Text(), change) is not string merged)
            return null;
        container.Spec = WireAny.Json(old.TypeUrl, merged);
        await BackgroundWork
            .CompleteOrUndoAsync(
                stop => UpdateAsync(container, "spec", stop),
                deadline => RestoreResourcesAsync(id, old, change, deadline),
                cancellationToken
            )
            .ConfigureAwait(false);
        return old;
    }

    /// <summary>Undoes <see cref="MergeResourcesAsync"/>, and no limit that another client has changed since then.</summary>
    internal async Task RestoreResourcesAsync(string id, Any old, CtrSpecResources change, CancellationToken cancellationToken)
    {
        var stored = (await GetWireAsync(id, cancellationToken).ConfigureAwait(false)).Spec;
        var restored =
            stored.Text() == ResourceMerge.Merge(old.Text(), change)
                ? old
                : WireAny.Json(stored.TypeUrl, ResourceMerge.Restore(stored.Text(), old.Text(), change));
        await PutSpecAsync(id, restored, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stores the exit of a task, which containerd no longer keeps.</summary>
    internal async Task RememberExitAsync(CtrExit exit, CancellationToken cancellationToken)
    {
        var container = new WireContainers.Container { Id = exit.ContainerId };
        container.Labels[ContainerLabels.LastExit] = ExitLabel.Write(exit);
        try
        {
            await UpdateAsync(container, "labels." + ContainerLabels.LastExit, cancellationToken).ConfigureAwait(false);
        }
        catch (CtrNotFoundException)
        {
            // A task may outlive the metadata of its container; the exit is then not needed.
        }
    }

    internal CtrContainer FromWire(WireContainers.Container container)
    {
        var labels = new CtrMap(container.Labels);
        labels.Remove(ContainerLabels.LastExit, out var lastExit);
        var exit = ExitLabel.Read(container.Id, lastExit);
        var result = ns.Stamp(
            new CtrContainer
            {
                ContainerId = container.Id,
                Name = ContainerLabels.NameOf(container.Labels),
                Image = container.Image,
                Health = HealthLabel.Read(container.Labels),
                RestartPolicy = RestartLabels.PolicyOf(container.Labels),
                RestartCount = RestartLabels.CountOf(container.Labels),
                Runtime = container.Runtime?.Name ?? "",
                RuntimeOptions = RuntimeChoice.Read(container.Runtime?.Options),
                Snapshotter = container.Snapshotter,
                SnapshotKey = container.SnapshotKey,
                Labels = labels,
                Extensions = ContainerExtensions.Read(container.Extensions),
                CreatedAt = container.CreatedAt.Local() ?? default,
                UpdatedAt = container.UpdatedAt.Local() ?? default,
                LastExit = exit is null ? null : ns.Stamp(exit),
            }
        );
        var summary = SpecSummary.Of(container.Spec);
        if (container.Spec is { Value.IsEmpty: false } stored)
            result.SetStoredSpec(new Lazy<CtrSpec?>(() => SpecOf(stored)));
        result.Command = summary.Process?.Args ?? [];
        result.Volumes = VolumePaths.NamesOf(summary, new StateFolders(ns.Connection).Volumes.Root, ns.Namespace);
        ContainerNetworks.Complete(result, summary, ns.Connection.Address.IsLocal);
        return result;
    }

    /// <summary>Any client may store any spec: one that does not parse must not hide the container.</summary>
    private static CtrSpec? SpecOf(Any stored)
    {
        try
        {
            return CtrSpec.Parse(stored.Text());
        }
        catch (CtrArgumentException)
        {
            return null;
        }
    }
}
