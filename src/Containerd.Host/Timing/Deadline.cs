using Containerd.Host.Timing;

namespace Containerd.Host;

/// <summary>A token that is cancelled after a timeout of any length, or when the caller cancels earlier.</summary>
public sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationToken _caller;
    private readonly LongTimer _timer;

    /// <summary>Creates a deadline that is not running yet.</summary>
    /// <param name="caller">Also cancels the token.</param>
    /// <param name="time">The clock; null for that of the system.</param>
    public Deadline(CancellationToken caller, TimeProvider? time = null)
    {
        _caller = caller;
        _source = CancellationTokenSource.CreateLinkedTokenSource(caller);
        _timer = new LongTimer(Cancel, time);
    }

    /// <summary>The token for the work.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether the token was not cancelled by the caller, but by the timeout or <see cref="CancelAsync"/>.</summary>
    public bool IsOver => _source.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>Starts the timeout.</summary>
    /// <param name="time">The timeout; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    public void Start(TimeSpan time) => _timer.Start(time);

    /// <summary>Stops the time.</summary>
    public void Stop() => _timer.Start(Timeout.InfiniteTimeSpan);

    /// <summary>Cancels the token now.</summary>
    /// <returns>A task that completes when all registrations were notified.</returns>
    internal async Task CancelAsync() => await _source.CancelAsync().ConfigureAwait(false);

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        _source.Dispose();
    }

    private void Cancel()
    {
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The work has just ended.
        }
    }
}
