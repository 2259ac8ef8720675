namespace Containerd.Client.Tests.Timing;

/// <summary>A clock that stands still until it is moved; its timers elapse in between, and take no more than .NET's own.</summary>
internal sealed class MovedClock : TimeProvider
{
    private readonly List<MovedTimer> _timers = [];
    private long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new MovedTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        _timers.Add(timer);
        return timer;
    }

    public void Move(TimeSpan time)
    {
        var end = _now + time.Ticks;
        while (_timers.Where(t => t.Due <= end).MinBy(t => t.Due) is { } next)
        {
            _now = Math.Max(_now, next.Due);
            next.Elapse();
        }

        _now = end;
    }

    private sealed class MovedTimer(MovedClock clock, Action callback) : ITimer
    {
        public long Due { get; private set; } = long.MaxValue;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Assert.True(
                dueTime == Timeout.InfiniteTimeSpan || (dueTime >= TimeSpan.Zero && dueTime.TotalMilliseconds <= uint.MaxValue - 1),
                $"{dueTime}"
            );
            Due = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : clock._now + dueTime.Ticks;
            return true;
        }

        public void Elapse()
        {
            Due = long.MaxValue;
            callback();
        }

        public void Dispose() => Due = long.MaxValue;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
