using Containerd.Host.Errors;
using Containerd.Host.Timing;

namespace Containerd.Host;

/// <summary>Arithmetic and waiting with times of any length, which .NET's calendar and timers do not take.</summary>
public static class LongTime
{
    /// <summary>Waits.</summary>
    /// <param name="time">How long: no time at all is over at once, <see cref="Timeout.InfiniteTimeSpan"/> never.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that ends when the time is over.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public static async Task DelayAsync(TimeSpan time, CancellationToken cancellationToken = default) =>
        await DelayAsync(time, TimeProvider.System, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc cref="DelayAsync(TimeSpan, CancellationToken)"/>
    internal static async Task DelayAsync(TimeSpan time, TimeProvider clock, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (time != Timeout.InfiniteTimeSpan && time <= TimeSpan.Zero)
            return;
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var timer = new LongTimer(() => over.TrySetResult(), clock);
        timer.Start(time);
        await over.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A part of a time that every wait of .NET takes; whoever waits in such steps looks at the clock between them.</summary>
    /// <param name="time">The time.</param>
    /// <returns>The time, or 24 days of it.</returns>
    public static TimeSpan Step(TimeSpan time) =>
        time == Timeout.InfiniteTimeSpan || time < LongTimer.LongestStep ? time : LongTimer.LongestStep;

    /// <summary>The deadline of a call; null where there is no limit, or where the calendar ends before it.</summary>
    internal static DateTime? After(TimeSpan time) => After(DateTime.UtcNow, time);

    /// <summary>
    /// The moment that lies a time after another one; null where there is no limit, or where the calendar ends before it.
    /// </summary>
    internal static DateTime? After(DateTime start, TimeSpan time) =>
        time == Timeout.InfiniteTimeSpan || time > DateTime.MaxValue - start ? null : start + time;

    /// <summary>The moment that lies so long ago, at the earliest the first one of the calendar.</summary>
    internal static DateTime Before(DateTime start, TimeSpan time) =>
        time > start - DateTime.MinValue ? DateTime.SpecifyKind(DateTime.MinValue, start.Kind) : start - time;

    /// <summary>The same time for code that compares: no limit is the longest time.</summary>
    internal static TimeSpan Comparable(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : time;

    /// <summary>The same time for a setting of .NET that has a most of its own, of 24.8 days: no limit above it.</summary>
    internal static TimeSpan Setting(TimeSpan time) => time > LongTimer.LongestStep ? Timeout.InfiniteTimeSpan : time;
}
