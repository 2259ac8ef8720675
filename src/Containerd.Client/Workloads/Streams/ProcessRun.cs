using System.Diagnostics;
using Containerd.Client.Transport;
using Containerd.Host;
using Containerd.Host.Streams;

namespace Containerd.Client.Workloads.Streams;

/// <summary>
/// Runs a foreground process, an exec or a container's init process: connects its streams, starts it, transfers them, waits, drains them to
/// their end, and deletes it. Cancellation kills it; nothing is left behind.
/// </summary>
internal sealed class ProcessRun
{
    /// <summary>How long a stream may be silent after the exit before it is considered held by another process.</summary>
    private static readonly TimeSpan HeldStreamGrace = TimeSpan.FromSeconds(2);

    /// <summary>How long a cancelled callback with disconnected streams is awaited.</summary>
    private static readonly TimeSpan CallbackGrace = TimeSpan.FromSeconds(5);

    /// <summary>The time limit for clean-up after the caller has cancelled.</summary>
    private static readonly TimeSpan CleanupDeadline = TimeSpan.FromSeconds(45);

    /// <summary>The session in which it runs.</summary>
    internal required DaemonConnection Connection { get; init; }

    /// <summary>Receives the progress of the run; null without a time limit.</summary>
    internal RunLimit? Limit { get; init; }

    /// <summary>Creates the process with these streams, without starting it (Tasks.Create, Tasks.Exec).</summary>
    internal required Func<FifoSet, CancellationToken, Task> Create { get; init; }

    /// <summary>Starts it (Tasks.Start) and returns its pid.</summary>
    internal required Func<CancellationToken, Task<int>> Start { get; init; }

    /// <summary>Closes its input in the shim (Tasks.CloseIO).</summary>
    internal required Func<CancellationToken, Task> CloseInput { get; init; }

    /// <summary>Waits for its exit (Tasks.Wait).</summary>
    internal required Func<CancellationToken, Task<CtrExit>> Wait { get; init; }

    /// <summary>Kills it with SIGKILL (Tasks.Kill).</summary>
    internal required Func<CancellationToken, Task> Kill { get; init; }

    /// <summary>Deletes it after its exit (Tasks.DeleteProcess, Tasks.Delete).</summary>
    internal required Func<CancellationToken, Task> Delete { get; init; }

    /// <summary>Completes the data about its exit, before it is deleted; does not throw.</summary>
    internal Func<CtrExit, Task>? Complete { get; init; }

    internal Task<ProcessOutcome> RunAsync(ProcessIo io, TimeSpan? timeout, CancellationToken cancellationToken) =>
        RunAsync((streams, ct) => StreamPumps.RunAsync(io, streams, ct), io.Stdin is not null, io.Terminal, timeout, cancellationToken);

    /// <summary>Runs it until it exits and deletes it.</summary>
    internal Task<ProcessOutcome> RunAsync(
        StdioCallback attach,
        bool withStdin,
        bool terminal,
        TimeSpan? timeout,
        CancellationToken cancellationToken
    ) => UnfinishedWork.Known(RunCoreAsync(attach, withStdin, terminal, timeout, cancellationToken), Connection, cancellationToken);

    private async Task<ProcessOutcome> RunCoreAsync(
        StdioCallback attach,
        bool withStdin,
        bool terminal,
        TimeSpan? timeout,
        CancellationToken cancellationToken
    )
    {
        using var attachment = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var clock = Stopwatch.StartNew();
        var (pid, fifos, attached) = await LaunchAsync(attach, withStdin, terminal, attachment, cancellationToken).ConfigureAwait(false);
        Limit?.Started(pid);
        try
        {
            var (exit, timedOut) = await WaitAsync(attached, timeout, clock, cancellationToken).ConfigureAwait(false);
            exit.Pid = pid;
            fifos.Exited();
            if (Complete is not null)
                await Complete(exit).ConfigureAwait(false);
            var drained = await DrainAsync(fifos, attached, cancellationToken).ConfigureAwait(false);
            await DetachAsync(attached, attachment).ConfigureAwait(false);
            var outcome = new ProcessOutcome(exit, timedOut, !drained);
            Limit?.Ended(outcome);
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

    /// <summary>Starts it in the background; the callback owns its streams until they end.</summary>
    internal async Task<int> StartAsync(StdioCallback attach, bool withStdin, bool terminal, CancellationToken cancellationToken)
    {
        var attachment = new CancellationTokenSource();
        try
        {
            var (pid, fifos, attached) = await LaunchAsync(attach, withStdin, terminal, attachment, cancellationToken)
                .ConfigureAwait(false);
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
        StdioCallback attach,
        bool withStdin,
        bool terminal,
        CancellationTokenSource attachment,
        CancellationToken cancellationToken
    )
    {
        var fifos = FifoSet.Create(withStdin, terminal);
        fifos.InputClosed = () => CloseInputAsync(attachment.Token);
        var attached = Task.CompletedTask;
        var created = false;
        Task<int>? starting = null;
        try
        {
            await Create(fifos, cancellationToken).ConfigureAwait(false);
            created = true;
            attached = AttachAsync(attach, fifos.Streams, attachment.Token);
            if (attached.IsFaulted)
                await attached.ConfigureAwait(false);
            // A start in progress cannot be cancelled: if the caller cancels, the clean-up waits for its result first.
            starting = Start(CancellationToken.None);
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
        await UnfinishedWork
            .CleanUpAsync(Task.WhenAll(ClearAsync(fifos, starting), DetachAsync(attached, attachment)), Connection, cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task FollowAsync(FifoSet fifos, Task attached, CancellationTokenSource attachment)
    {
        try
        {
            await Wait(CancellationToken.None).ConfigureAwait(false);
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
        var exit = Wait(waiting.Token);
        var late = LongTime.DelayAsync(
            timeout is { } limit ? LongTime.Comparable(limit) - begun.Elapsed : Timeout.InfiniteTimeSpan,
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
                    await Kill(CancellationToken.None).ConfigureAwait(false);
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
            await CloseInput(cancellationToken).ConfigureAwait(false);
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
            using var deadline = new CancellationTokenSource(CleanupDeadline);
            await Delete(deadline.Token).ConfigureAwait(false);
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
                await starting.WaitAsync(CleanupDeadline).ConfigureAwait(false);
                using var deadline = new CancellationTokenSource(CleanupDeadline);
                await Kill(deadline.Token).ConfigureAwait(false);
                await Wait(deadline.Token).ConfigureAwait(false);
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
