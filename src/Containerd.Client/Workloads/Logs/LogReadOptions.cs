using Containerd.Host;

namespace Containerd.Client;

/// <summary>The requested output of a container.</summary>
public sealed record LogReadOptions
{
    /// <summary>One stream alone; null for both.</summary>
    public CtrOutput? Stream { get; init; }

    /// <summary>The id of a detached exec whose output is read instead of that of the task; null for the task.</summary>
    public string? ExecId { get; init; }

    /// <summary>Whether to wait for further output until the process has exited.</summary>
    public bool Follow { get; init; }

    /// <summary>The number of last lines to read; null for all.</summary>
    public int? Tail { get; init; }

    /// <summary>Only lines of this time or later; requires a timestamped log.</summary>
    public DateTime? Since { get; init; }

    /// <summary>
    /// Only lines of this time or earlier; requires a timestamped log. With <see cref="Follow"/>, waiting ends at that time.
    /// </summary>
    public DateTime? Until { get; init; }

    /// <summary>Whether a log without timestamps is rejected.</summary>
    public bool NeedsTime { get; init; }

    /// <summary>With <see cref="Follow"/>, whether the output of later starts is not followed.</summary>
    internal bool OneTask { get; init; }

    /// <summary>Whether the query contains times.</summary>
    internal bool AsksForTime => NeedsTime || Since is not null || Until is not null;
}

/// <summary>The outcome of reading a log.</summary>
/// <param name="StreamsHeld"> Whether a child of the exited process still has its output open, so that later output is not returned.
/// </param>
/// <param name="FilesMissed">The number of files of a size-limited log that were removed before they could be read.</param>
/// <param name="LinesSplit"> The number of lines that were too long and were split (<see cref="LineSplitter.DefaultLength"/>).
/// </param>
public sealed record LogOutcome(bool StreamsHeld, int FilesMissed, int LinesSplit = 0)
{
    /// <summary>Combines this outcome with another one.</summary>
    internal LogOutcome And(LogOutcome other) =>
        new(StreamsHeld || other.StreamsHeld, FilesMissed + other.FilesMissed, LinesSplit + other.LinesSplit);
}
