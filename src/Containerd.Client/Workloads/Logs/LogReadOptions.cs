using Containerd.Host;

namespace Containerd.Client;

/// <summary>What of a container's output is asked for.</summary>
public sealed record LogReadOptions
{
    /// <summary>One stream alone; null for both.</summary>
    public CtrOutput? Stream { get; init; }

    /// <summary>A detached exec's output in the task's place; null for the task's.</summary>
    public string? ExecId { get; init; }

    /// <summary>Whether to wait for more until the process has ended.</summary>
    public bool Follow { get; init; }

    /// <summary>Only the last lines of what there is, so many; null for all.</summary>
    public int? Tail { get; init; }

    /// <summary>Only lines of this time or later; needs times in the log.</summary>
    public DateTime? Since { get; init; }

    /// <summary>Only lines of this time or earlier; needs times in the log. With <see cref="Follow"/>, waiting ends then.</summary>
    public DateTime? Until { get; init; }

    /// <summary>Whether a log without times is refused.</summary>
    public bool NeedsTime { get; init; }

    /// <summary>Whether times play a part.</summary>
    internal bool AsksForTime => NeedsTime || Since is not null || Until is not null;
}

/// <summary>How a reading of a log ended.</summary>
/// <param name="StreamsHeld">
/// Whether a child that the process left behind still holds its output open, so that later output is not seen.
/// </param>
/// <param name="FilesMissed">How many files of a log with a limited size went before they could be read.</param>
/// <param name="LinesSplit">
/// How many lines were too long for one text, and became several (<see cref="LineSplitter.DefaultLength"/>).
/// </param>
public sealed record LogOutcome(bool StreamsHeld, int FilesMissed, int LinesSplit = 0)
{
    /// <summary>This outcome and another one's together.</summary>
    internal LogOutcome And(LogOutcome other) =>
        new(StreamsHeld || other.StreamsHeld, FilesMissed + other.FilesMissed, LinesSplit + other.LinesSplit);
}
