using System.Diagnostics;

namespace Containerd.Client;

/// <summary>
/// Runs a process that somebody waits for, an exec or a container's init alike: connects its streams, starts it, carries them, waits, drains them to
/// their end, deletes it. Whoever gives up kills it; nothing is left behind.
/// </summary>
internal sealed class ProcessRun
{
    /// <summary>How long a stream may stay silent after the exit before it counts as held by somebody else.</summary>
    private static readonly TimeSpan HeldStreamGrace = TimeSpan.FromSeconds(2);

    /// <summary>The time that clean-up gets after its caller has given up.</summary>
    private static readonly TimeSpan CleanupDeadline = TimeSpan.FromSeconds(45);

    /// <summary>Makes the process with these streams; does not start it (Tasks.Create, Tasks.Exec).</summary>
    internal required Func<FifoSet, CancellationToken, Task> Create { get; init; }

    /// <summary>Starts it (Tasks.Start) and gives its pid.</summary>
    internal required Func<CancellationToken, Task<int>> Start { get; init; }

    /// <summary>Tells the shim that its input is at its end (Tasks.CloseIO).</summary>
    internal required Func<CancellationToken, Task> CloseInput { get; init; }

    /// <summary>Waits for its exit (Tasks.Wait).</summary>
    internal required Func<CancellationToken, Task<CtrExit>> Wait { get; init; }

    /// <summary>Kills it with SIGKILL (Tasks.Kill).</summary>
    internal required Func<CancellationToken, Task> Kill { get; init; }

    /// <summary>Deletes it after its exit (Tasks.DeleteProcess, Tasks.Delete).</summary>
    internal required Func<CancellationToken, Task> Delete { get; init; }

    internal async Task<ProcessOutcome> RunAsync(ProcessIo io, TimeSpan? timeout, CancellationToken cancellation)
    {
        var fifos = FifoSet.Create(io.Stdin is not null, io.Terminal);
        var created = false;
        Task<int>? starting = null;
        using var pumping = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var input = Task.CompletedTask;
        var outputs = new List<OutputPump>();
        try
        {
            var clock = Stopwatch.StartNew();
            await CreateAsync().ConfigureAwait(false);
            // Under way, a start cannot be taken back: when the caller gives up, the clean-up waits for its outcome first.
            starting = Start(CancellationToken.None);
            var pid = await starting.WaitAsync(cancellation).ConfigureAwait(false);
            fifos.Open();
            outputs.Add(OutputPump.Start(fifos.Streams.Stdout, io.Stdout, pumping.Token));
            if (fifos.Streams.Stderr is Stream stderr)
                outputs.Add(OutputPump.Start(stderr, io.Stderr, pumping.Token));
            if (io.Stdin is not null)
                input = Task.Run(() => InputPump.RunAsync(io.Stdin, fifos.Streams.Stdin!, CloseInput, pumping.Token), CancellationToken.None);

            var (exit, timedOut) = await WaitAsync(outputs, input, timeout - clock.Elapsed, cancellation).ConfigureAwait(false);
            exit.Pid = pid;
            var drained = await OutputPump.DrainAsync(outputs, HeldStreamGrace, cancellation).ConfigureAwait(false);
            await StopPumpsAsync(outputs, input, pumping).ConfigureAwait(false);
            // With a held stream the shim's delete waits up to ten seconds: the caller need not.
            var deleting = DeleteAsync(fifos);
            if (drained)
                await deleting.ConfigureAwait(false);
            return new ProcessOutcome(exit, timedOut, !drained);
        }
        catch
        {
            await StopPumpsAsync(outputs, input, pumping).ConfigureAwait(false);
            var clearing = created ? ClearAsync(fifos, starting) : Discard(fifos);
            // Whoever gave up gets the prompt back; the rest is cleared away behind it.
            await Task.WhenAny(clearing, cancellation.IsCancellationRequested ? Task.Delay(500, CancellationToken.None) : clearing).ConfigureAwait(false);
            throw;
        }

        async Task CreateAsync()
        {
            try
            {
                await Create(fifos, cancellation).ConfigureAwait(false);
                created = true;
            }
            catch (OperationCanceledException)
            {
                // The daemon may have made it all the same.
                created = true;
                throw;
            }
        }
    }

    private async Task<(CtrExit Exit, bool TimedOut)> WaitAsync(List<OutputPump> outputs, Task input, TimeSpan? timeout, CancellationToken cancellation)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var exit = Wait(waiting.Token);
        var late = timeout is TimeSpan limit
            ? Task.Delay(limit > TimeSpan.Zero ? limit : TimeSpan.Zero, waiting.Token)
            : Task.Delay(Timeout.InfiniteTimeSpan, waiting.Token);
        // A sink or an input that fails ends the run: the process would wait for it for ever.
        var failing = outputs.Select(p => p.Completion).Append(input).Append(exit).Append(late).ToList();
        while (true)
        {
            var first = await Task.WhenAny(failing).ConfigureAwait(false);
            failing.Remove(first);
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
                    // It ended at this very moment: the wait tells how.
                }

                return (await exit.ConfigureAwait(false), true);
            }
        }
    }

    private static async Task StopPumpsAsync(List<OutputPump> outputs, Task input, CancellationTokenSource pumping)
    {
        await pumping.CancelAsync().ConfigureAwait(false);
        try
        {
            await Task.WhenAll(outputs.Select(p => p.Completion).Append(input)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // Cut off on purpose.
        }
        catch (Exception) when (outputs.Exists(p => p.Completion.IsFaulted) || input.IsFaulted)
        {
            // Reported by whoever waited for the process; here they only need to have stopped.
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
            // Somebody else deleted it, or the whole task.
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
                // It never started, or ended by itself, or the daemon is gone: the delete will tell.
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

    private static Task Discard(FifoSet fifos)
    {
        fifos.Dispose();
        return Task.CompletedTask;
    }
}
