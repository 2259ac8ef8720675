namespace Containerd.Client.Transport;

/// <summary>The time limits for calls of a session.</summary>
/// <param name="operation">The session's operation timeout; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
internal sealed class CallLimits(TimeSpan operation)
{
    /// <summary>The default operation timeout of a session.</summary>
    internal static readonly TimeSpan Default = TimeSpan.FromSeconds(30);

    // Slow calls have minutes instead of seconds.
    private const int SlowFactor = 20;

    // Timers count milliseconds in 32 bits. A longer wait for one answer makes no practical difference.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ShortestPatience = TimeSpan.FromSeconds(2);

    /// <summary>The session's operation timeout.</summary>
    internal TimeSpan Operation { get; } = operation;

    /// <summary>Whether there is any limit.</summary>
    internal bool IsFinite => Operation != Timeout.InfiniteTimeSpan;

    /// <summary>How long the client waits for an answer.</summary>
    internal TimeSpan Of(CallKind kind) =>
        !IsFinite || kind is CallKind.Stream or CallKind.ChangeStream
            ? Timeout.InfiniteTimeSpan
            : Shorter(
                kind is CallKind.SlowRead or CallKind.SlowChange ? Shorter(Operation, Longest / SlowFactor) * SlowFactor : Operation,
                Longest
            );

    /// <summary>The interval of version queries to a daemon whose answer to another call is awaited.</summary>
    internal TimeSpan HeartbeatInterval => Shorter(Operation / 2, LongestInterval);

    /// <summary>
    /// The time limit for a version query, after which the daemon is considered silent: with the interval, less than the default operation
    /// timeout.
    /// </summary>
    internal TimeSpan HeartbeatPatience => Longer(Shorter(Operation, Longest) * 0.4, ShortestPatience);

    /// <summary>How long before the end of its wait the client checks whether the daemon answers at all.</summary>
    internal static TimeSpan ProbeLead(TimeSpan limit) => Shorter(limit / 3, TimeSpan.FromSeconds(5));

    /// <summary>The time limit for that check.</summary>
    internal static TimeSpan ProbePatience(TimeSpan lead) => Longer(lead, ShortestPatience);

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
