namespace Containerd.Client;

/// <summary>Options for waiting for a line of a task's log.</summary>
public sealed record LogWaitOptions
{
    /// <summary>
    /// Whether only lines count that are written after the wait began to read. By default the wait starts at the first line of the current
    /// start, so that a line that was written before the call is found too. Output of earlier starts of the container never counts.
    /// </summary>
    public bool FromNow { get; init; }

    /// <summary>The stream to read; null for both.</summary>
    public CtrOutput? Stream { get; init; }

    /// <summary>How long to wait; <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);
}
