using Containerd.Client.Records;
using Containerd.Client.Workloads.Streams;
using Containerd.Client.Workloads.Tasks;
using Containerd.Host;

namespace Containerd.Client.Workloads.Execs;

/// <summary>Runs execs whose streams are the caller's.</summary>
internal sealed class ExecRunner(RecordScope ns, ExecCreator creator)
{
    private readonly OomKills _oom = new(ns);

    /// <summary>The exec that a start means, with an id of its own if the caller chose none.</summary>
    internal ExecProcess Named(string containerId, ExecStartOptions start) => ns.Exec(containerId, start.ExecId ?? ExecCreator.NewId());

    /// <summary>Runs a process to its end, and deletes it.</summary>
    internal Task<ProcessOutcome> RunAsync(ExecProcess exec, ExecStartOptions start, StreamUse use, CancellationToken cancellationToken)
    {
        var limit = new RunLimit(ns, exec, start.Timeout);
        return ns.State.EndingRuns.AwaitAsync(limit.AwaitAsync, RunAsync, [exec.Name], cancellationToken);

        async Task<ProcessOutcome> RunAsync(CancellationToken stop)
        {
            var run = await PrepareAsync(exec, start, limit, stop).ConfigureAwait(false);
            return await run.RunAsync(use, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Starts a process. It runs by itself and is not deleted.</summary>
    /// <returns>Its process id.</returns>
    internal async Task<int> StartAsync(ExecProcess exec, ExecStartOptions start, StreamUse use, CancellationToken cancellationToken)
    {
        var run = await PrepareAsync(exec, start, null, cancellationToken).ConfigureAwait(false);
        return await run.StartAsync(use, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ProcessRun> PrepareAsync(
        ExecProcess exec,
        ExecStartOptions start,
        RunLimit? limit,
        CancellationToken cancellationToken
    )
    {
        var spec = await creator.PrepareAsync(exec.ContainerId, start.WithId(exec.Id), cancellationToken).ConfigureAwait(false);
        return new ProcessRun(ns.Connection, new ExecLaunch(exec, spec, creator, _oom), limit);
    }
}
