using System.Collections.Concurrent;

namespace Containerd.PowerShell;

/// <summary>The operations of asynchronous work on the pipeline's thread.</summary>
internal abstract class PipelineWork
{
    /// <summary>How long the prompt waits for work that was cancelled: its clean-up then continues in the background.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    private static readonly AsyncLocal<PipelineWork?> Running = new();

    private readonly CancellationTokenRegistration _stopping;

    protected PipelineWork(CancellationToken stop) =>
        _stopping = stop.Register(() =>
            Task.Delay(Grace, CancellationToken.None).ContinueWith(_ => Post(() => IsLeft = true), TaskScheduler.Default)
        );

    /// <summary>
    /// The work that the calling code belongs to, which may be one of several; null outside of any work, and on the pipeline's thread.
    /// </summary>
    internal static PipelineWork? Current => Running.Value;

    /// <summary>The queued actions for the pipeline's thread.</summary>
    protected BlockingCollection<Action> Posted { get; } = [];

    /// <summary>Whether the pipeline was stopped and the work did not end within the grace period.</summary>
    protected bool IsLeft { get; private set; }

    /// <summary>Queues an action for the pipeline's thread.</summary>
    internal void Post(Action action)
    {
        try
        {
            Posted.Add(action);
        }
        catch (InvalidOperationException)
        {
            // The pipeline has ended: the post would not be processed.
        }
    }

    /// <summary>Like Post, but completes when the action has run: the work is no faster than its consumer.</summary>
    internal async ValueTask PostAsync(Action action, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            action();
            done.SetResult();
        });
        await done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs work on the thread pool, as a part of this work.</summary>
    protected Task<T> Run<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        Task.Run(
            () =>
            {
                // The value flows only into this task and the tasks that it starts.
                Running.Value = this;
                return work(cancellationToken);
            },
            CancellationToken.None
        );

    /// <summary>No more posts.</summary>
    protected void Close()
    {
        _stopping.Dispose();
        Posted.CompleteAdding();
    }

    /// <summary>Ignores failures of work that is no longer awaited.</summary>
    protected static void Forget(Task task) =>
        task.ContinueWith(
            static t => t.Exception,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
}

/// <summary>
/// Asynchronous work beside the pipeline. In <see cref="PumpUntil"/> and <see cref="Finish"/>, the pipeline's thread runs the actions that
/// only it may run: it writes objects, errors and progress.
/// </summary>
internal sealed class PipelineWork<T> : PipelineWork, IDisposable
{
    private readonly CancellationTokenSource _abandon;
    private Task<T> _running = null!;

    internal PipelineWork(CancellationToken stop)
        : base(stop) => _abandon = CancellationTokenSource.CreateLinkedTokenSource(stop);

    internal void Start(Func<CancellationToken, Task<T>> work)
    {
        _running = Run(work, _abandon.Token);
        WakeAfter(_running);
    }

    /// <summary>Runs posted actions until a task of the caller, or the work itself, has ended.</summary>
    internal void PumpUntil(Task task)
    {
        if (task != _running && !task.IsCompleted)
            WakeAfter(task);
        try
        {
            while (!task.IsCompleted && !_running.IsCompleted)
            {
                Posted.Take()();
                if (IsLeft)
                    throw new OperationCanceledException();
            }

            while (Posted.TryTake(out var action))
                action();
        }
        catch
        {
            // WriteObject ended the pipeline.
            Abandon();
            throw;
        }
    }

    /// <summary>Runs posted actions until the work has ended, and returns its result.</summary>
    internal T Finish()
    {
        PumpUntil(_running);
        return _running.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        if (!_running.IsCompleted)
            Abandon();
        Close();
    }

    private void WakeAfter(Task task) =>
        task.ContinueWith(
            _ => Post(static () => { }),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );

    /// <summary>Cancels the work, because its posts are no longer processed; it cleans up by itself.</summary>
    private void Abandon()
    {
        _abandon.Cancel();
        Close();
        Forget(_running);
    }
}
