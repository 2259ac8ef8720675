using Containerd.Host.Errors;
using Containerd.Host.Timing;

namespace Containerd.Host;

/// <summary>Arithmetic and waiting with times of any length, which .NET's calendar and timers do not support.</summary>
public static class LongTime
{
    /// <summary>Waits.</summary>
    /// <param name="time">The time: zero ends immediately, <see cref="Timeout.InfiniteTimeSpan"/> never.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that completes after the time.</returns>
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

    /// <summary>
    /// The part of a time that all waits of .NET support; a caller that waits in such steps checks the clock between them.
    /// </summary>
    /// <param name="time">The time.</param>
    /// <returns>The time, or 24 days of it.</returns>
    public static TimeSpan Step(TimeSpan time) =>
        time == Timeout.InfiniteTimeSpan || time < LongTimer.LongestStep ? time : LongTimer.LongestStep;

    /// <summary>The deadline of a call; null if there is no limit, or it exceeds the calendar.</summary>
    internal static DateTime? After(TimeSpan time) => After(DateTime.UtcNow, time);

    /// <summary>Adds a time to a point in time; null if there is no limit, or the result exceeds the calendar.</summary>
    internal static DateTime? After(DateTime start, TimeSpan time) =>
        time == Timeout.InfiniteTimeSpan || time > DateTime.MaxValue - start ? null : start + time;

    /// <summary>The point in time that long ago, but not before the start of the calendar.</summary>
    internal static DateTime Before(DateTime start, TimeSpan time) =>
        time > start - DateTime.MinValue ? DateTime.SpecifyKind(DateTime.MinValue, start.Kind) : start - time;

    /// <summary>The same time for comparisons: no limit is the longest time.</summary>
    internal static TimeSpan Comparable(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : time;

    /// <summary>The same time for a setting of .NET with a maximum of 24.8 days: no limit above it.</summary>
    internal static TimeSpan Setting(TimeSpan time) => time > LongTimer.LongestStep ? Timeout.InfiniteTimeSpan : time;
}
