using Containerd.Host.Timing;

namespace Containerd.Host;

/// <summary>A token that is cancelled when a time of any length is over, or when the caller gives up before.</summary>
public sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationToken _caller;
    private readonly LongTimer _timer;

    /// <summary>Makes a deadline that does not run yet.</summary>
    /// <param name="caller">Cancels the token too.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public Deadline(CancellationToken caller, TimeProvider? time = null)
    {
        _caller = caller;
        _source = CancellationTokenSource.CreateLinkedTokenSource(caller);
        _timer = new LongTimer(Cancel, time);
    }

    /// <summary>The token for the work.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether the token was cancelled by something else than the caller: the time, or <see cref="CancelAsync"/>.</summary>
    public bool IsOver => _source.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>Lets the time run from now.</summary>
    /// <param name="time">How long; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    public void Start(TimeSpan time) => _timer.Start(time);

    /// <summary>Stops the time.</summary>
    public void Stop() => _timer.Start(Timeout.InfiniteTimeSpan);

    /// <summary>Cancels the token now.</summary>
    /// <returns>A task that ends when all that waited for the token was told.</returns>
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
            // The work ended at this very moment.
        }
    }
}
