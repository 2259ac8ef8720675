using Containerd.Client.Records;
using Containerd.Client.Workloads.Events;
using Containerd.Client.Workloads.Streams;
using Containerd.Host.Streams;

namespace Containerd.Client.Workloads.Tasks;

/// <summary>The launch of a container's own process: its task is created and started.</summary>
/// <param name="process">The process.</param>
/// <param name="container">The container.</param>
/// <param name="creator">Creates the task.</param>
/// <param name="removal">Removes it if its terminal does not get its size.</param>
/// <param name="oom">Reports whether the kernel killed it.</param>
/// <param name="size">The size of its terminal; null for the runtime's own.</param>
internal sealed class TaskLaunch(
    InitProcess process,
    CtrContainer container,
    TaskCreator creator,
    TaskRemoval removal,
    OomKills oom,
    CtrSpecBox? size = null
) : ProcessLaunch(process)
{
    private OomWatch? _watch;

    internal override bool Terminal => HasTerminal(container);

    /// <summary>Whether a container's spec gives its process a terminal.</summary>
    internal static bool HasTerminal(CtrContainer container) => container.Spec?.Process?.Terminal ?? false;

    internal override async Task CreateAsync(FifoSet fifos, CancellationToken cancellationToken)
    {
        var streams = new StreamPaths(fifos.StdinPath, fifos.StdoutPath, fifos.StderrPath, fifos.StderrPath.Length == 0);
        await creator.CreateAsync(container, streams, options: null, cancellationToken).ConfigureAwait(false);
        if (size is null)
            return;
        try
        {
            await Process.ResizeAsync(size, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await removal.DiscardAsync(container.ContainerId, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    internal override async Task<int> StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Process.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (CtrException e)
        {
            throw await TaskStartErrors.ExplainAsync(e, Process, container, isOurs: true).ConfigureAwait(false);
        }
    }

    internal override async Task<IDisposable?> ObserveAsync(CancellationToken cancellationToken) =>
        _watch = await oom.WatchAsync(container, cancellationToken).ConfigureAwait(false);

    internal override async Task CompleteAsync(CtrExit exit) =>
        exit.OomKilled = await oom.OfTaskAsync(container.ContainerId, exit.ExitCode, _watch).ConfigureAwait(false);

    internal override CtrException Explain(CtrException error) => RuntimeErrors.Explain(error, container);
}
