using System.Collections.Concurrent;

namespace Containerd.PowerShell;

/// <summary>What asynchronous work may ask of the pipeline's thread.</summary>
internal abstract class PipelineWork
{
    /// <summary>How long the prompt waits for work that was told to stop: its clean-up goes on by itself then.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    private static readonly AsyncLocal<PipelineWork?> Running = new();

    private readonly CancellationTokenRegistration _stopping;

    protected PipelineWork(CancellationToken stop) =>
        _stopping = stop.Register(() =>
            Task.Delay(Grace, CancellationToken.None).ContinueWith(_ => Post(() => IsLeft = true), TaskScheduler.Default)
        );

    /// <summary>
    /// The work that the calling code is part of, which may be one of several; null outside of any, and on the pipeline's thread.
    /// </summary>
    internal static PipelineWork? Current => Running.Value;

    /// <summary>What the pipeline's thread is to do next.</summary>
    protected BlockingCollection<Action> Posted { get; } = [];

    /// <summary>Whether the pipeline was stopped, and the work has not come to its end within the time that it had.</summary>
    protected bool IsLeft { get; private set; }

    /// <summary>Has the pipeline's thread do something, some time soon.</summary>
    internal void Post(Action action)
    {
        try
        {
            Posted.Add(action);
        }
        catch (InvalidOperationException)
        {
            // The pipeline has gone: nobody will see it.
        }
    }

    /// <summary>As Post, but ends when it has been done: the work goes no faster than its consumer.</summary>
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

    /// <summary>Runs work on the pool, as a part of this.</summary>
    protected Task<T> Run<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        Task.Run(
            () =>
            {
                // Stays within this task, and what it starts.
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

    /// <summary>What nobody waits for any more has nobody to complain to.</summary>
    protected static void Forget(Task task) =>
        task.ContinueWith(
            static t => t.Exception,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
}

/// <summary>
/// Asynchronous work beside the pipeline. The pipeline's thread lends itself to it in <see cref="PumpUntil"/> and <see cref="Finish"/>,
/// where it does what only it may do: write objects, errors, progress.
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

    /// <summary>Does what is posted until a task of the caller's, or the work itself, has ended.</summary>
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
            // The pipeline ended under a WriteObject.
            Abandon();
            throw;
        }
    }

    /// <summary>Does what is posted until the work has ended, and gives its result.</summary>
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

    /// <summary>Nobody takes what the work posts any more, so it is cancelled; it cleans up behind itself.</summary>
    private void Abandon()
    {
        _abandon.Cancel();
        Close();
        Forget(_running);
    }
}
