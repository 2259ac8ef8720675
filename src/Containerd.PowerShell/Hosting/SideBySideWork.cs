namespace Containerd.PowerShell;

/// <summary>
/// The work for several items at a time. The pipeline's thread adds items and runs, at each call and at the end, the continuations of
/// completed items: results are in the order of completion, and a failure does not affect other items.
/// </summary>
internal sealed class SideBySideWork : PipelineWork, IDisposable
{
    private readonly int _limit;
    private readonly CancellationToken _stop;
    private readonly CancellationTokenSource _abandon;
    private int _running;

    /// <param name="limit">The maximum number of items at a time.</param>
    /// <param name="stop">Cancels all of them.</param>
    internal SideBySideWork(int limit, CancellationToken stop)
        : base(stop)
    {
        _limit = limit;
        _stop = stop;
        _abandon = CancellationTokenSource.CreateLinkedTokenSource(stop);
    }

    /// <summary>
    /// Starts the work for one more item as soon as the limit allows it; <paramref name="ended"/> then runs on the pipeline's thread.
    /// </summary>
    internal void Add<T>(Func<CancellationToken, Task<T>> work, Action<Task<T>> ended) =>
        OrAbandon(() =>
        {
            while (_running >= _limit)
                TakeOne();
            _stop.ThrowIfCancellationRequested();
            _running++;
            Run(work, _abandon.Token)
                .ContinueWith(
                    task =>
                    {
                        Forget(task);
                        Post(() =>
                        {
                            _running--;
                            // After Ctrl+C the result is not needed.
                            if (!_stop.IsCancellationRequested)
                                ended(task);
                        });
                    },
                    CancellationToken.None,
                    TaskContinuationOptions.ExecuteSynchronously,
                    TaskScheduler.Default
                );
            while (Posted.TryTake(out var action))
                action();
        });

    /// <summary>Waits until all of it has ended.</summary>
    internal void Finish() =>
        OrAbandon(() =>
        {
            while (_running > 0)
                TakeOne();
            _stop.ThrowIfCancellationRequested();
        });

    public void Dispose()
    {
        _abandon.Cancel();
        Close();
    }

    private void TakeOne()
    {
        Posted.Take()();
        if (IsLeft)
            throw new OperationCanceledException();
    }

    private void OrAbandon(Action action)
    {
        try
        {
            action();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            throw new System.Management.Automation.PipelineStoppedException();
        }
        catch
        {
            // WriteObject ended the pipeline: the remaining work is cancelled and cleans up by itself.
            Dispose();
            throw;
        }
    }
}
