namespace Containerd.Host.Timing;

/// <summary>
/// A timer for any length of time. .NET's own timers, delays and cancellations end at 49.7 days (some at 24.8) and throw above that; this
/// one restarts itself until the whole time has elapsed.
/// </summary>
internal sealed class LongTimer : IDisposable
{
    /// <summary>Below the limit of all timers of .NET.</summary>
    internal static readonly TimeSpan LongestStep = TimeSpan.FromDays(24);

    private readonly object _gate = new();
    private readonly TimeProvider _time;
    private readonly Action _elapsed;
    private readonly ITimer _timer;
    private TimeSpan _left = Timeout.InfiniteTimeSpan;
    private long _since;
    private bool _disposed;

    /// <summary>Creates a timer that is not running yet.</summary>
    /// <param name="elapsed">The action when the time has elapsed, on a thread of the pool.</param>
    /// <param name="time">The clock; null for that of the system.</param>
    public LongTimer(Action elapsed, TimeProvider? time = null)
    {
        _elapsed = elapsed;
        _time = time ?? TimeProvider.System;
        // A timer must not capture the context of the call that sets it.
        using (ExecutionContext.SuppressFlow())
            _timer = _time.CreateTimer(
                static state => ((LongTimer)state!).Tick(),
                this,
                Timeout.InfiniteTimeSpan,
                Timeout.InfiniteTimeSpan
            );
    }

    /// <summary>Starts or restarts it.</summary>
    /// <param name="time">The time; zero elapses immediately, <see cref="Timeout.InfiniteTimeSpan"/> never.</param>
    public void Start(TimeSpan time)
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _left = time == Timeout.InfiniteTimeSpan || time > TimeSpan.Zero ? time : TimeSpan.Zero;
            _since = _time.GetTimestamp();
            Set();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
            _disposed = true;
        _timer.Dispose();
    }

    private void Set() => _timer.Change(LongTime.Step(_left), Timeout.InfiniteTimeSpan);

    private void Tick()
    {
        lock (_gate)
        {
            if (_disposed || _left == Timeout.InfiniteTimeSpan)
                return;
            var rest = _left - _time.GetElapsedTime(_since);
            // A timer may fire slightly early; and one that was restarted in the meantime has its own time.
            if (rest > TimeSpan.Zero)
            {
                _left = rest < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : rest;
                _since = _time.GetTimestamp();
                Set();
                return;
            }

            _left = Timeout.InfiniteTimeSpan;
        }

        _elapsed();
    }
}
