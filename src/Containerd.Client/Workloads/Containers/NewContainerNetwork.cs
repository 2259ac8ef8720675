using Containerd.Client.Daemon;
using Containerd.Client.Records;
using Containerd.Client.Workloads.Networks;
using WireContainers = Containerd.Client.Wire.Containers;

namespace Containerd.Client.Workloads.Containers;

/// <summary>The network of a container from its creation to its removal, in terms of the options for a new container.</summary>
internal sealed class NewContainerNetwork(RecordScope ns, ContainerNames names)
{
    private readonly ContainerNetworking _networking = new(ns);

    /// <summary>Checks the networks of a new container; the container whose network it uses may be given by name.</summary>
    /// <param name="creation">The options.</param>
    /// <param name="choice">The networks of the options.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>What the container needs; null if it needs nothing.</returns>
    internal async Task<NetworkSetup?> PrepareAsync(
        ContainerCreateOptions creation,
        NetworkChoice choice,
        CancellationToken cancellationToken
    )
    {
        if (choice.Mode == NetworkMode.Shared)
            choice = choice with { SharedWith = await names.ResolveAsync(choice.SharedWith, cancellationToken).ConfigureAwait(false) };
        var runtime = await RuntimeOfAsync(creation, creation.Spec ?? new CtrSpec(), cancellationToken).ConfigureAwait(false);
        return await _networking
            .PrepareAsync(creation.Id, creation.Name, choice, runtime, creation.Warnings, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>The runtime of a new container, as containerd stores it.</summary>
    internal async Task<WireContainers.Container.Types.Runtime> RuntimeOfAsync(
        ContainerCreateOptions creation,
        CtrSpec spec,
        CancellationToken cancellationToken
    ) =>
        creation.StoredRuntime
        ?? RuntimeChoice.Resolve(
            creation.Runtime,
            creation.RuntimeOptions,
            spec,
            await ns.Daemon.Runtimes.DefaultAsync(ns.Namespace, cancellationToken).ConfigureAwait(false)
        );

    /// <summary>Removes the files of a container.</summary>
    internal void Remove(CtrContainer container) => _networking.Remove(container);
}
