namespace Containerd.PowerShell;

/// <summary>
/// The work for several items at a time. The pipeline's thread hands items in and does, whenever it comes by and at the end, what those
/// that are done have left for it: so results come in the order in which they are there, and one that fails spoils no other.
/// </summary>
internal sealed class SideBySideWork : PipelineWork, IDisposable
{
    private readonly int _limit;
    private readonly CancellationToken _stop;
    private readonly CancellationTokenSource _abandon;
    private int _running;

    /// <param name="limit">How many go on at a time.</param>
    /// <param name="stop">Cancels all of them.</param>
    internal SideBySideWork(int limit, CancellationToken stop)
        : base(stop)
    {
        _limit = limit;
        _stop = stop;
        _abandon = CancellationTokenSource.CreateLinkedTokenSource(stop);
    }

    /// <summary>
    /// Starts the work for one more item, as soon as there is room; <paramref name="ended"/> follows on the pipeline's thread.
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
                            // After Ctrl+C nobody asks how it ended.
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
            // The pipeline ended under a WriteObject: the rest is cancelled, and cleans up behind itself.
            Dispose();
            throw;
        }
    }
}
