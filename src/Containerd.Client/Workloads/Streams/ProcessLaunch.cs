using Containerd.Client.Records;
using Containerd.Host.Streams;

namespace Containerd.Client.Workloads.Streams;

/// <summary>A process that a <see cref="ProcessRun"/> creates and starts, and how that is done for its kind.</summary>
internal abstract class ProcessLaunch(ContainerProcess process)
{
    /// <summary>The process.</summary>
    internal ContainerProcess Process { get; } = process;

    /// <summary>Whether it has a terminal.</summary>
    internal abstract bool Terminal { get; }

    /// <summary>Creates it with these streams and does not start it (Tasks.Create, Tasks.Exec). A failure leaves nothing behind.</summary>
    internal abstract Task CreateAsync(FifoSet fifos, CancellationToken cancellationToken);

    /// <summary>Starts it (Tasks.Start).</summary>
    /// <returns>Its process id.</returns>
    internal virtual Task<int> StartAsync(CancellationToken cancellationToken) => Process.StartAsync(cancellationToken);

    /// <summary>Begins to observe what <see cref="CompleteAsync"/> reports. To be called before the start.</summary>
    /// <returns>What ends the observation; null for nothing.</returns>
    internal virtual Task<IDisposable?> ObserveAsync(CancellationToken cancellationToken) => Task.FromResult<IDisposable?>(null);

    /// <summary>Adds to its exit what can be known only before it is deleted. Does not throw.</summary>
    internal abstract Task CompleteAsync(CtrExit exit);

    /// <summary>The error for a failure of the runtime, which reports only text.</summary>
    internal abstract CtrException Explain(CtrException error);
}
