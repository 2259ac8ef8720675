using Containerd.Client.Records;
using Containerd.Client.Workloads.Streams;
using Containerd.Client.Workloads.Tasks;
using Containerd.Host.Streams;

namespace Containerd.Client.Workloads.Execs;

/// <summary>The launch of an exec in a running container.</summary>
/// <param name="exec">The exec.</param>
/// <param name="spec">What it runs.</param>
/// <param name="creator">Creates it.</param>
/// <param name="oom">Reports whether the kernel killed it.</param>
internal sealed class ExecLaunch(ExecProcess exec, CtrSpecProcess spec, ExecCreator creator, OomKills oom) : ProcessLaunch(exec)
{
    /// <summary>What was counted before it began.</summary>
    private readonly long? _killsBefore = oom.Before(exec.ContainerId);

    internal override bool Terminal => spec.Terminal;

    internal override Task CreateAsync(FifoSet fifos, CancellationToken cancellationToken) =>
        creator.CreateAsync(
            exec,
            spec,
            new StreamPaths(fifos.StdinPath, fifos.StdoutPath, fifos.StderrPath, spec.Terminal),
            cancellationToken
        );

    internal override async Task CompleteAsync(CtrExit exit) =>
        exit.OomKilled = await oom.OfExecAsync(exec.ContainerId, _killsBefore, exit.ExitCode).ConfigureAwait(false);

    internal override CtrException Explain(CtrException error) => RuntimeErrors.Explain(error, exec.ContainerId, spec.Args ?? []);
}
