using System.Diagnostics;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Host;
using Containerd.Host.Streams;

namespace Containerd.Client.Workloads.Streams;

/// <summary>
/// Runs a process, an exec or a container's init process alike: connects its streams, starts it, carries them, waits, reads them to their
/// end, and deletes it. A caller that gives up kills it; nothing is left behind.
/// </summary>
/// <param name="connection">The connection to the daemon.</param>
/// <param name="launch">The process, and how it is created.</param>
/// <param name="limit">The time that the run may take; null for no limit.</param>
internal sealed class ProcessRun(DaemonConnection connection, ProcessLaunch launch, RunLimit? limit = null)
{
    /// <summary>How long a stream may stay silent after the exit before it counts as held by another process.</summary>
    private static readonly TimeSpan HeldStreamGrace = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a callback that was told to stop may continue with streams that lead nowhere before the run stops waiting for it.
    /// </summary>
    private static readonly TimeSpan CallbackGrace = TimeSpan.FromSeconds(5);

    private ContainerProcess Process => launch.Process;

    /// <summary>Runs it to its end, and deletes it.</summary>
    internal Task<ProcessOutcome> RunAsync(StreamUse use, CancellationToken cancellationToken) =>
        ExplainedAsync(BackgroundWork.Track(RunCoreAsync(use, cancellationToken), connection, cancellationToken));

    /// <summary>Starts it. It runs by itself, and its streams are used until they end.</summary>
    /// <returns>Its process id.</returns>
    internal Task<int> StartAsync(StreamUse use, CancellationToken cancellationToken) =>
        ExplainedAsync(StartCoreAsync(use, cancellationToken));

    private async Task<T> ExplainedAsync<T>(Task<T> run)
    {
        try
        {
            return await run.ConfigureAwait(false);
        }
        catch (CtrException e)
        {
            throw launch.Explain(e);
        }
    }

    private async Task<ProcessOutcome> RunCoreAsync(StreamUse use, CancellationToken cancellationToken)
    {
        var timeout = limit?.Remaining;
        using var attachment = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var observation = await launch.ObserveAsync(cancellationToken).ConfigureAwait(false);
        var clock = Stopwatch.StartNew();
        var (pid, fifos, attached) = await LaunchAsync(use, attachment, cancellationToken).ConfigureAwait(false);
        limit?.Started(pid);
        try
        {
            var (exit, timedOut) = await WaitAsync(attached, timeout, clock, cancellationToken).ConfigureAwait(false);
            exit.Pid = pid;
            fifos.Exited();
            await launch.CompleteAsync(exit).ConfigureAwait(false);
            var drained = await DrainAsync(fifos, attached, cancellationToken).ConfigureAwait(false);
            await DetachAsync(attached, attachment).ConfigureAwait(false);
            var outcome = new ProcessOutcome(exit, timedOut, !drained);
            limit?.Ended(outcome);
            // With a held stream the deletion in the shim takes up to ten seconds, which the caller does not have to wait for.
            var deleting = DeleteAsync(fifos);
            if (drained)
                await deleting.ConfigureAwait(false);
            return outcome;
        }
        catch
        {
            await GiveUpAsync(fifos, attached, attachment, Task.FromResult(pid), cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<int> StartCoreAsync(StreamUse use, CancellationToken cancellationToken)
    {
        var attachment = new CancellationTokenSource();
        try
        {
            var (pid, fifos, attached) = await LaunchAsync(use, attachment, cancellationToken).ConfigureAwait(false);
            _ = FollowAsync(fifos, attached, attachment);
            return pid;
        }
        catch
        {
            attachment.Dispose();
            throw;
        }
    }

    /// <summary>Creates it, passes its streams on, and starts it. A failure leaves nothing behind.</summary>
    private async Task<(int Pid, FifoSet Fifos, Task Attached)> LaunchAsync(
        StreamUse use,
        CancellationTokenSource attachment,
        CancellationToken cancellationToken
    )
    {
        var fifos = FifoSet.Create(use.WithStdin, use.Terminal ?? launch.Terminal);
        fifos.InputClosed = () => CloseInputAsync(attachment.Token);
        var attached = Task.CompletedTask;
        var created = false;
        Task<int>? starting = null;
        try
        {
            await launch.CreateAsync(fifos, cancellationToken).ConfigureAwait(false);
            created = true;
            attached = AttachAsync(use.Callback, fifos.Streams, attachment.Token);
            if (attached.IsFaulted)
                await attached.ConfigureAwait(false);
            // A start in progress cannot be cancelled: if the caller cancels, the clean-up waits for its result first.
            starting = launch.StartAsync(CancellationToken.None);
            var pid = await starting.WaitAsync(cancellationToken).ConfigureAwait(false);
            fifos.Open();
            return (pid, fifos, attached);
        }
        catch when (!created)
        {
            // Create has removed the process of a caller who cancelled.
            fifos.Dispose();
            throw;
        }
        catch
        {
            await GiveUpAsync(fifos, attached, attachment, starting, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    private async Task GiveUpAsync(
        FifoSet fifos,
        Task attached,
        CancellationTokenSource attachment,
        Task<int>? starting,
        CancellationToken cancellationToken
    )
    {
        await attachment.CancelAsync().ConfigureAwait(false);
        fifos.Abandon();
        // The process first: a callback may take long, and may wait for the process in a stream.
        await BackgroundWork
            .CleanUpAsync(Task.WhenAll(ClearAsync(fifos, starting), DetachAsync(attached, attachment)), connection, cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task FollowAsync(FifoSet fifos, Task attached, CancellationTokenSource attachment)
    {
        try
        {
            await Process.WaitAsync(CancellationToken.None).ConfigureAwait(false);
            fifos.Exited();
            await attached.ConfigureAwait(false);
        }
        catch (Exception)
        {
            // No caller waits for the failure, which the callback knows itself.
        }
        finally
        {
            fifos.Dispose();
            attachment.Dispose();
        }
    }

    /// <summary>
    /// Runs the callback with the streams; output that it does not read is discarded, because the process would otherwise wait for a reader
    /// forever.
    /// </summary>
    private static async Task AttachAsync(StdioCallback attach, ProcessStreams streams, CancellationToken cancellationToken)
    {
        await attach(streams, cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(
                new[] { streams.Stdout, streams.Stderr }
                    .OfType<GatedStream>()
                    .Where(s => !s.IsAtEnd)
                    .Select(s => StreamPumps.ReadAsync(s, static (_, _) => ValueTask.CompletedTask, cancellationToken))
            )
            .ConfigureAwait(false);
    }

    private async Task<(CtrExit Exit, bool TimedOut)> WaitAsync(
        Task attached,
        TimeSpan? timeout,
        Stopwatch begun,
        CancellationToken cancellationToken
    )
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var exit = Process.WaitAsync(waiting.Token);
        var late = LongTime.DelayAsync(
            timeout is { } time ? LongTime.Comparable(time) - begun.Elapsed : Timeout.InfiniteTimeSpan,
            waiting.Token
        );
        // A failed callback ends the run, because the process would otherwise wait for it forever.
        var pending = new List<Task> { attached, exit, late };
        while (true)
        {
            var first = await Task.WhenAny(pending).ConfigureAwait(false);
            pending.Remove(first);
            if (first == exit)
            {
                var result = await exit.ConfigureAwait(false);
                await waiting.CancelAsync().ConfigureAwait(false);
                return (result, false);
            }

            await first.ConfigureAwait(false);
            if (first == late)
            {
                try
                {
                    await Process.KillAsync(CancellationToken.None).ConfigureAwait(false);
                }
                catch (CtrNotFoundException)
                {
                    // It has just exited: the wait returns its exit.
                }

                return (await exit.ConfigureAwait(false), true);
            }
        }
    }

    /// <summary>Waits until the streams were read to their end, or another process keeps them open.</summary>
    /// <returns>Whether they were read to their end.</returns>
    private static async Task<bool> DrainAsync(FifoSet fifos, Task attached, CancellationToken cancellationToken)
    {
        var exited = Environment.TickCount64;
        while (await Task.WhenAny(attached, Task.Delay(50, cancellationToken)).ConfigureAwait(false) != attached)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (fifos.IsHeld(exited, HeldStreamGrace))
                return false;
        }

        await attached.ConfigureAwait(false);
        return true;
    }

    private static async Task DetachAsync(Task attached, CancellationTokenSource attachment)
    {
        await attachment.CancelAsync().ConfigureAwait(false);
        try
        {
            await attached.WaitAsync(CallbackGrace).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or TimeoutException || attached.IsFaulted)
        {
            // Stopped intentionally, or reported by the wait for the process; here it only has to have ended.
        }
    }

    private async Task CloseInputAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Process.CloseInputAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (CtrException)
        {
            // It has exited in the meantime, which closed its input.
        }
    }

    private async Task DeleteAsync(FifoSet fifos)
    {
        try
        {
            using var deadline = new CancellationTokenSource(BackgroundWork.CleanUpDeadline);
            await Process.DeleteAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (CtrNotFoundException)
        {
            // Another client deleted it, or the whole task.
        }
        finally
        {
            fifos.Dispose();
        }
    }

    private async Task ClearAsync(FifoSet fifos, Task<int>? starting)
    {
        if (starting is not null)
        {
            try
            {
                await starting.WaitAsync(BackgroundWork.CleanUpDeadline).ConfigureAwait(false);
                using var deadline = new CancellationTokenSource(BackgroundWork.CleanUpDeadline);
                await Process.KillAsync(deadline.Token).ConfigureAwait(false);
                await Process.WaitAsync(deadline.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is CtrException or OperationCanceledException or TimeoutException)
            {
                // It never started, or exited by itself, or the daemon is unavailable: the deletion will show it.
            }
        }

        try
        {
            await DeleteAsync(fifos).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException)
        {
            // The first error is the one that the caller needs.
        }
    }
}
