namespace Containerd;

/// <summary>How a process that was run to its end turned out; with -PassThru, with what it wrote.</summary>
public sealed class CtrExecResult : CtrContainerObject
{
    /// <summary>The exec's id; null for a container's own process.</summary>
    public string? ExecId { get; set; }

    /// <summary>The process id that it had on the daemon's host.</summary>
    public int Pid { get; set; }

    /// <summary>
    /// The exit code, 128 + the signal's number when a signal ended it, 127 or 126 when the command was not found or could not be executed
    /// (<see cref="ErrorId"/>); null when the daemon lost it.
    /// </summary>
    public int? ExitCode { get; set; }

    /// <summary>When it ended, local time.</summary>
    public DateTime? ExitedAt { get; set; }

    /// <summary>Why the command did not start, such as <c>CommandNotFound</c>; null for one that did.</summary>
    public string? ErrorId { get; set; }

    /// <summary>
    /// Whether the kernel killed a process of the container, while this one ran, because memory ran out; null when it is not known (see
    /// <see cref="CtrExit.OomKilled"/>).
    /// </summary>
    public bool? OomKilled { get; set; }

    /// <summary>Whether it was killed because its time was over.</summary>
    public bool TimedOut { get; set; }

    /// <summary>How long it ran, its start and clean-up included.</summary>
    public TimeSpan Duration { get; set; }

    /// <summary>
    /// The lines of its standard output; with -Raw one text, with -AsByteStream its bytes. Null where they went to the pipeline.
    /// </summary>
    public object? Output { get; set; }

    /// <summary>The lines of its standard error; null where they went elsewhere.</summary>
    public string[]? ErrorOutput { get; set; }

    /// <summary>The process and its exit code.</summary>
    /// <returns>Both in a few words.</returns>
    public override string ToString() =>
        $"{ContainerId}{(ExecId is null ? "" : "/" + ExecId)}: exit code "
        + $"{ExitCode?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "unknown"}";
}
