using System.Collections.Concurrent;
using System.Diagnostics;
using Grpc.Core;

namespace Containerd.Client.Transport;

/// <summary>
/// Work that continues without its caller: clean-up after Ctrl+C, and operations that cannot be cancelled, such as a checkpoint. Its
/// session and this process end only after it, otherwise a container would be left behind, or a task would stay paused.
/// </summary>
internal static class BackgroundWork
{
    /// <summary>
    /// How long each clean-up may take: the one deadline for everything that is undone or removed after a failure or Ctrl+C. It is enough
    /// to kill a process, to wait for its exit and to delete it, for which a shim takes up to ten seconds while another process holds the
    /// output open, also on a busy machine. If a daemon is away for longer, what was to be removed stays there.
    /// </summary>
    internal static readonly TimeSpan CleanUpDeadline = TimeSpan.FromSeconds(45);

    // The time for which the prompt waits for the clean-up.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ExitDeadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CloseDeadline = TimeSpan.FromSeconds(10);
    private static readonly ConcurrentDictionary<Task, (DaemonConnection Connection, CancellationToken Caller)> Running = new();

    static BackgroundWork() => AppDomain.CurrentDomain.ProcessExit += static (_, _) => Wait(null, ExitDeadline);

    /// <summary>Awaits work, after its cancellation only for a limited time.</summary>
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

    /// <summary>Awaits clean-up; if the caller has cancelled, only for a limited time.</summary>
    internal static async Task CleanUpAsync(Task work, DaemonConnection connection, CancellationToken caller)
    {
        Follow(work, connection, new CancellationToken(canceled: true));
        if (!caller.IsCancellationRequested)
            await work.ConfigureAwait(false);
        else
            await Task.WhenAny(work, Task.Delay(Patience, CancellationToken.None)).ConfigureAwait(false);
    }

    /// <summary>
    /// Runs an operation that a daemon must carry out, whatever the result of the work before it: immediately, or when an unavailable
    /// daemon is available again, for which the caller does not wait.
    /// </summary>
    /// <param name="work">The operation.</param>
    /// <param name="connection">The daemon.</param>
    /// <param name="holdsUp">Whether the end of the session and of this process waits for it if necessary.</param>
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
    /// Sends a request that creates an object, and awaits its answer even if the caller cancels: a cancelled request may still be carried
    /// out, after the request that removes the object, which would then be left behind.
    /// </summary>
    /// <param name="ask">The request.</param>
    /// <param name="undo">Removes the object that was or may have been created, if the caller has cancelled; null if only the caller can
    /// do it, who knows its name.
    /// </param>
    /// <param name="cancellationToken">
    /// The token to monitor for cancellation requests. A rejection needs no undo: the existing object belongs to another client.
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
                // The object is removed when the answer arrives, even if late.
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
            // It was rejected: nothing was created.
            return;
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException)
        {
            // It may have been created.
        }

        await UndoAsync(undo).ConfigureAwait(false);
    }

    private static Task UndoAsync(Func<CancellationToken, Task>? undo) => undo is null ? Task.CompletedTask : TryCleanUpAsync(undo);

    /// <summary>Cleans up after a failure, which is reported to the caller: failures of the clean-up are not reported.</summary>
    internal static async Task TryCleanUpAsync(Func<CancellationToken, Task> work)
    {
        using var deadline = new CancellationTokenSource(CleanUpDeadline);
        try
        {
            await work(deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException)
        {
            // Another client was faster, or the daemon is unavailable; the caller no longer waits.
        }
    }

    /// <summary>
    /// Waits for the background work of a session that is being closed. Work that still has a caller fails with the session.
    /// </summary>
    internal static void Wait(DaemonConnection connection) => Wait(connection, CloseDeadline);

    /// <summary>Tracks work that cleans up by itself when its caller cancels.</summary>
    internal static Task<T> Track<T>(Task<T> work, DaemonConnection connection, CancellationToken caller)
    {
        Follow(work, connection, caller);
        return work;
    }

    /// <summary>Tracks a call that is no longer awaited and that the daemon may still carry out.</summary>
    /// <param name="work">Completes with the call.</param>
    /// <param name="connection">The daemon.</param>
    /// <param name="holdsUp">Whether the end of the session and of this process waits for it.</param>
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
        // Completed work may have started more work.
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
                // A failure that is no longer awaited must not crash the process.
                _ = done.Exception;
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }
}
