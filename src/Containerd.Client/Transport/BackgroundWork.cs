using System.Collections.Concurrent;
using System.Diagnostics;
using Grpc.Core;

namespace Containerd.Client.Transport;

/// <summary>
/// Work that goes on without its caller: clean-up after Ctrl+C, and what cannot be called back, such as a checkpoint. Neither its session
/// nor this process ends
/// before it, or a container would stay behind, or a task frozen.
/// </summary>
internal static class BackgroundWork
{
    /// <summary>
    /// How long each clean-up may take: the one deadline for everything that is undone or removed after a failure or Ctrl+C. It is enough
    /// to kill a process, to wait for its exit and to delete it, for which a shim takes up to ten seconds while another process holds the
    /// output open, also on a busy machine. If a daemon is away for longer, what was to be removed stays there.
    /// </summary>
    internal static readonly TimeSpan CleanUpDeadline = TimeSpan.FromSeconds(45);

    // What the prompt waits for the clean-up.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ExitDeadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CloseDeadline = TimeSpan.FromSeconds(10);
    private static readonly ConcurrentDictionary<Task, (DaemonConnection Connection, CancellationToken Caller)> Running = new();

    static BackgroundWork() => AppDomain.CurrentDomain.ProcessExit += static (_, _) => Wait(null, ExitDeadline);

    /// <summary>Awaits work, but after its cancellation no longer than the prompt may take.</summary>
    internal static async Task<T> AwaitAsync<T>(Task<T> work, DaemonConnection connection, CancellationToken cancellationToken)
    {
        Follow(work, connection, cancellationToken);
        try
        {
            return await work.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && !work.IsCompleted)
        {
            await Task.WhenAny(work, Task.Delay(Patience, CancellationToken.None)).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Awaits clean-up; of a caller who has given up no longer than the prompt may take.</summary>
    internal static async Task CleanUpAsync(Task work, DaemonConnection connection, CancellationToken caller)
    {
        Follow(work, connection, new CancellationToken(canceled: true));
        if (!caller.IsCancellationRequested)
            await work.ConfigureAwait(false);
        else
            await Task.WhenAny(work, Task.Delay(Patience, CancellationToken.None)).ConfigureAwait(false);
    }

    /// <summary>
    /// Does what must be done at a daemon, whatever became of the work before it: at once, or when a daemon that is away is back, for which
    /// the caller does not wait.
    /// </summary>
    /// <param name="work">What must be done.</param>
    /// <param name="connection">The daemon.</param>
    /// <param name="holdsUp">Whether the ends of the session and of this process wait for it, should it come to that.</param>
    internal static async Task RunUntilDoneAsync(Func<CancellationToken, Task> work, DaemonConnection connection, bool holdsUp = true)
    {
        using var deadline = new CancellationTokenSource(CleanUpDeadline);
        try
        {
            await work(deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e)
            when ((e is CtrException error && error.IsUnanswered()) || (e is OperationCanceledException && deadline.IsCancellationRequested)
            )
        {
            var later = LaterAsync();
            if (holdsUp)
                await CleanUpAsync(later, connection, new CancellationToken(canceled: true)).ConfigureAwait(false);
            else
                _ = later.ContinueWith(static ended => ended.Exception, TaskScheduler.Default);
        }

        async Task LaterAsync()
        {
            using var patience = new CancellationTokenSource(CleanUpDeadline);
            while (true)
            {
                await connection.AwaitReturnAsync(CleanUpDeadline, patience.Token).ConfigureAwait(false);
                try
                {
                    await work(patience.Token).ConfigureAwait(false);
                    return;
                }
                catch (CtrException e) when (e.IsUnanswered())
                {
                    // Away again.
                }
            }
        }
    }

    /// <summary>
    /// Asks a daemon to make something, and awaits its answer even when the caller gives up meanwhile: a request that was called back may
    /// be carried out all the same, after
    /// the one that was to take away what it makes, and what it made would stay.
    /// </summary>
    /// <param name="ask">The request.</param>
    /// <param name="undo">
    /// Takes away what was made, of a caller who gave up, and what may have been made; null where the caller does it, who alone has its
    /// name.
    /// </param>
    /// <param name="cancellationToken">
    /// Gives up. A daemon's no is still a no: there is nothing to undo, and what is there is somebody else's.
    /// </param>
    internal static async Task<T> CompleteOrUndoAsync<T>(
        Func<CancellationToken, Task<T>> ask,
        Func<CancellationToken, Task>? undo,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var patience = new CancellationTokenSource();
        T answer;
        using (cancellationToken.UnsafeRegister(_ => patience.CancelAfter(CleanUpDeadline), null))
        {
            try
            {
                answer = await ask(patience.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (OpenCall.Of(e) is { } open)
            {
                // What it makes is removed when its answer comes, however late that is.
                var undoing = UndoAfterAsync(open.Answer, undo);
                if (open.Connection is { } connection)
                    Detach(undoing, connection, holdsUp: SilenceException.Of(e) is not { Party: not SilentParty.Behind });
                throw cancellationToken.IsCancellationRequested
                    ? new OperationCanceledException(e.Message, e, cancellationToken)
                    : TimeoutErrors.Undone(e, undo is not null);
            }
            catch (Exception e)
                when (cancellationToken.IsCancellationRequested
                    && e is not (CtrConflictException or CtrNotFoundException or CtrArgumentException)
                )
            {
                await UndoAsync(undo).ConfigureAwait(false);
                throw new OperationCanceledException(e.Message, e, cancellationToken);
            }
        }

        if (!cancellationToken.IsCancellationRequested)
            return answer;
        await UndoAsync(undo).ConfigureAwait(false);
        throw new OperationCanceledException(cancellationToken);
    }

    private static async Task UndoAfterAsync(Task answer, Func<CancellationToken, Task>? undo)
    {
        try
        {
            await answer.ConfigureAwait(false);
        }
        catch (RpcException e)
            when (e.StatusCode
                    is not (
                        StatusCode.Unknown
                        or StatusCode.Unavailable
                        or StatusCode.Internal
                        or StatusCode.Cancelled
                        or StatusCode.DeadlineExceeded
                    )
            )
        {
            // A refusal: nothing was made.
            return;
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException)
        {
            // It may have been made.
        }

        await UndoAsync(undo).ConfigureAwait(false);
    }

    private static Task UndoAsync(Func<CancellationToken, Task>? undo) => undo is null ? Task.CompletedTask : TryCleanUpAsync(undo);

    /// <summary>Cleans up after a failure, which is what the caller needs to know: one of the clean-up is not reported.</summary>
    internal static async Task TryCleanUpAsync(Func<CancellationToken, Task> work)
    {
        using var deadline = new CancellationTokenSource(CleanUpDeadline);
        try
        {
            await work(deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException)
        {
            // Somebody else was faster, or the daemon is away; the caller has gone.
        }
    }

    /// <summary>
    /// Waits for what a session that is about to be closed has yet to do, now that its caller has given up. What still goes on for its
    /// caller fails with the session.
    /// </summary>
    internal static void Wait(DaemonConnection connection) => Wait(connection, CloseDeadline);

    /// <summary>Knows of work that will clean up behind itself when its caller gives up.</summary>
    internal static Task<T> Track<T>(Task<T> work, DaemonConnection connection, CancellationToken caller)
    {
        Follow(work, connection, caller);
        return work;
    }

    /// <summary>Knows of a call that nobody waits for any more and that the daemon may still carry out.</summary>
    /// <param name="work">Ends with the call.</param>
    /// <param name="connection">The daemon.</param>
    /// <param name="holdsUp">Whether the ends of the session and of this process wait for it.</param>
    internal static void Detach(Task work, DaemonConnection connection, bool holdsUp)
    {
        if (holdsUp)
            Follow(work, connection, new CancellationToken(canceled: true));
        else
            _ = work.ContinueWith(
                static ended => ended.Exception,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
    }

    private static void Wait(DaemonConnection? connection, TimeSpan deadline)
    {
        var waiting = Stopwatch.StartNew();
        // One that ends may have begun another.
        while (
            deadline > waiting.Elapsed
            && Running
                .Where(g => g.Value.Caller.IsCancellationRequested && (connection is null || g.Value.Connection == connection))
                .Select(g => g.Key)
                .ToList()
                is { Count: > 0 } left
        )
            Task.WhenAll(left).ContinueWith(static _ => { }, TaskScheduler.Default).Wait(deadline - waiting.Elapsed);
    }

    private static void Follow(Task work, DaemonConnection connection, CancellationToken caller)
    {
        if (work.IsCompleted)
            return;
        Running[work] = (connection, caller);
        _ = work.ContinueWith(
            static done =>
            {
                Running.TryRemove(done, out _);
                // A failure that nobody awaits any more is no crash.
                _ = done.Exception;
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }
}
