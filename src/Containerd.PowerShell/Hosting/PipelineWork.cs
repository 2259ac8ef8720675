using System.Collections.Concurrent;

namespace Containerd.PowerShell;

/// <summary>What work that runs beside the pipeline may ask of it.</summary>
internal interface IPipelineWork
{
    /// <summary>Has the pipeline's thread do something, some time soon.</summary>
    void Post(Action action);

    /// <summary>As Post, but ends when it has been done: the work goes no faster than its consumer.</summary>
    ValueTask PostAsync(Action action, CancellationToken cancellation);
}

/// <summary>
/// Asynchronous work beside the pipeline. The pipeline's thread lends itself to it in <see cref="PumpUntil"/> and <see cref="Finish"/>, where it does what
/// only it may do: write objects, errors, progress.
/// </summary>
internal sealed class PipelineWork<T> : IPipelineWork, IDisposable
{
    private readonly BlockingCollection<Action> _posted = [];
    private readonly CancellationTokenSource _abandon;
    private readonly Task<T> _running;

    internal PipelineWork(Func<CancellationToken, Task<T>> work, CancellationToken stop)
    {
        _abandon = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _running = Task.Run(() => work(_abandon.Token), CancellationToken.None);
        // A wake-up for whoever waits for something to be posted.
        _running.ContinueWith(_ => Post(static () => { }), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    internal bool IsCompleted => _running.IsCompleted;

    public void Post(Action action)
    {
        try
        {
            _posted.Add(action);
        }
        catch (InvalidOperationException)
        {
            // The pipeline has gone: nobody will see it.
        }
    }

    public async ValueTask PostAsync(Action action, CancellationToken cancellation)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            action();
            done.SetResult();
        });
        await done.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Does what is posted until a task of the caller's, or the work itself, has ended.</summary>
    internal void PumpUntil(Task task)
    {
        if (!task.IsCompleted)
            task.ContinueWith(_ => Post(static () => { }), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            while (!task.IsCompleted && !_running.IsCompleted)
                _posted.Take()();
            while (_posted.TryTake(out var action))
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
        _posted.CompleteAdding();
    }

    /// <summary>Nobody takes what the work posts any more, so it is cancelled; it cleans up behind itself.</summary>
    private void Abandon()
    {
        _abandon.Cancel();
        _posted.CompleteAdding();
        _running.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
