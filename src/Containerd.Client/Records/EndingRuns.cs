using System.Collections.Concurrent;

namespace Containerd.Client.Records;

/// <summary>
/// Runs that their callers no longer wait for, because their time is over or Ctrl+C was pressed: their clean-up continues in the
/// background. A new run under the same id or name waits for it,
/// instead of failing because of what is about to be removed.
/// </summary>
internal sealed class EndingRuns
{
    private readonly ConcurrentDictionary<string, Task> _runs = new(StringComparer.Ordinal);

    /// <summary>Awaits a run, and remembers it if it goes on without its caller.</summary>
    /// <param name="bound">Awaits the run for as long as it may take.</param>
    /// <param name="run">The run.</param>
    /// <param name="keys">What it holds until its clean-up is done, such as its id and its name.</param>
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

    /// <summary>Waits for the clean-up of earlier runs that hold any of these. It is bounded: clean-up has a deadline of its own.</summary>
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
