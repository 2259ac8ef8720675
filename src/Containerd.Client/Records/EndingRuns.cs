using System.Collections.Concurrent;

namespace Containerd.Client.Records;

/// <summary>
/// Runs that their callers no longer wait for, because of the time limit or Ctrl+C: their clean-up continues in the background. A new run
/// with the same id or name waits for it, instead of failing because of objects that are being removed.
/// </summary>
internal sealed class EndingRuns
{
    private readonly ConcurrentDictionary<string, Task> _runs = new(StringComparer.Ordinal);

    /// <summary>Awaits a run, and tracks it if it continues without its caller.</summary>
    /// <param name="bound">Awaits the run within its time limit.</param>
    /// <param name="run">The run.</param>
    /// <param name="keys">The ids and names that it occupies until its clean-up is done.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    internal async Task<T> AwaitAsync<T>(
        Func<Func<CancellationToken, Task<T>>, CancellationToken, Task<T>> bound,
        Func<CancellationToken, Task<T>> run,
        IReadOnlyList<string> keys,
        CancellationToken cancellationToken
    )
    {
        Task<T>? running = null;
        try
        {
            return await bound(stop => running = run(stop), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (running is { IsCompleted: false })
                Remember(running, keys);
        }
    }

    /// <summary>
    /// Waits for the clean-up of earlier runs that occupy any of these. The wait is limited, because clean-up has its own deadline.
    /// </summary>
    internal async Task WaitAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        foreach (var key in keys)
        {
            if (_runs.TryGetValue(key, out var run))
                await Task.WhenAny(run).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void Remember(Task run, IReadOnlyList<string> keys)
    {
        foreach (var key in keys)
            _runs[key] = run;
        _ = run.ContinueWith(
            ended =>
            {
                foreach (var key in keys)
                    _runs.TryRemove(new KeyValuePair<string, Task>(key, ended));
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }
}
