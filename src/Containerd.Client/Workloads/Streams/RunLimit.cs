using System.Diagnostics;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Host;

namespace Containerd.Client.Workloads.Streams;

/// <summary>
/// Limits the run of a process to its caller's timeout, whatever the run is waiting for: the daemon, the process, its exit. The
/// process is killed at the timeout; half a second later the caller gets a result, and the remaining work continues in the background.
/// </summary>
/// <param name="ns">The namespace.</param>
/// <param name="process">The process.</param>
/// <param name="time">The time limit; null for none.</param>
internal sealed class RunLimit(NamespaceScope ns, ContainerProcess process, TimeSpan? time)
{
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(450);
    private static readonly TimeSpan ProbePatience = TimeSpan.FromMilliseconds(400);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private volatile int _pid;
    private volatile ProcessOutcome? _outcome;

    /// <summary>The remaining time; null for no limit.</summary>
    internal TimeSpan? Remaining =>
        time is not { } limit || limit == Timeout.InfiniteTimeSpan ? null
        : limit > _clock.Elapsed ? limit - _clock.Elapsed
        : TimeSpan.Zero;

    /// <summary>The process runs.</summary>
    internal void Started(int pid) => _pid = pid;

    /// <summary>The process has exited and its output was read; only clean-up follows.</summary>
    internal void Ended(ProcessOutcome outcome) => _outcome = outcome;

    /// <summary>Awaits a run, or returns a result for it at the timeout.</summary>
    /// <param name="run">The run, which kills its process at the timeout.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    internal async Task<ProcessOutcome> AwaitAsync(Func<CancellationToken, Task<ProcessOutcome>> run, CancellationToken cancellationToken)
    {
        if (time is not { } limit || limit == Timeout.InfiniteTimeSpan)
            return await run(cancellationToken).ConfigureAwait(false);
        // Not disposed: background work still uses its token.
        var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = run(giveUp.Token);
        using (var over = new CancellationTokenSource())
        {
            if (await Task.WhenAny(running, LongTime.DelayAsync(limit, over.Token)).ConfigureAwait(false) == running)
            {
                await over.CancelAsync().ConfigureAwait(false);
                return await running.ConfigureAwait(false);
            }
        }

        var probe = ns.Connection.WhoIsSilentAsync(ProbePatience);
        if (
            await Task.WhenAny(running, Task.Delay(Grace, CancellationToken.None)).ConfigureAwait(false) == running
            || cancellationToken.IsCancellationRequested
        )
            return await running.ConfigureAwait(false);
        BackgroundWork.Detach(running, ns.Connection, holdsUp: true);
        if (_outcome is { } outcome)
            return outcome with { TimedOut = true };
        await giveUp.CancelAsync().ConfigureAwait(false);
        return await probe.ConfigureAwait(false) is { } silent
            ? throw TimeoutErrors.Undoing(silent, ns.Connection.Session.Address, process.ContainerId, limit)
            : new ProcessOutcome(
                ns.Stamp(
                    new CtrExit
                    {
                        ContainerId = process.ContainerId,
                        ExecId = process.ExecId,
                        Pid = _pid,
                    }
                ),
                TimedOut: true,
                StreamsHeld: false
            );
    }
}
