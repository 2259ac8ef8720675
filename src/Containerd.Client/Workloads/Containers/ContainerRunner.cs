using Containerd.Client.Images;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Streams;
using Containerd.Host;

namespace Containerd.Client.Workloads.Containers;

/// <summary>Runs a new container until its process exits.</summary>
internal sealed class ContainerRunner(ImageScope ns, TaskService tasks, ContainerCreator creator, ContainerRemoval removal)
{
    /// <summary>Creates a container, runs its task until it exits, and removes both.</summary>
    internal Task<ProcessOutcome> RunAsync(
        ContainerCreateOptions creation,
        StreamUse use,
        TimeSpan? timeout,
        bool keep,
        CancellationToken cancellationToken
    )
    {
        var limit = new RunLimit(ns, ns.Init(creation.Id), timeout);
        return ns.State.EndingRuns.AwaitAsync(
            limit.AwaitAsync,
            ct => BackgroundWork.Track(RunCoreAsync(creation, use, limit, keep, ct), ns.Connection, ct),
            ContainerCreator.KeysOf(creation),
            cancellationToken
        );
    }

    private async Task<ProcessOutcome> RunCoreAsync(
        ContainerCreateOptions creation,
        StreamUse use,
        RunLimit limit,
        bool keep,
        CancellationToken cancellationToken
    )
    {
        ns.Connection.RequireHost(
            "The streams of a container's process can be connected",
            ("CreateAndStart", "create the container, and start its task without a log.")
        );
        var container = await creator.CreateAsync(creation, cancellationToken).ConfigureAwait(false);
        try
        {
            var outcome = await tasks.Runner.RunNewAsync(container, use, limit, cancellationToken).ConfigureAwait(false);
            if (keep)
                await ns.ContainerRecords.RememberExitAsync(outcome.Exit, CancellationToken.None).ConfigureAwait(false);
            return outcome;
        }
        catch when (keep)
        {
            keep = false;
            throw;
        }
        finally
        {
            if (!keep)
                await removal.DiscardAsync(container.ContainerId, cancellationToken).ConfigureAwait(false);
        }
    }
}
