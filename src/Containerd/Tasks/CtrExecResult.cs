namespace Containerd;

/// <summary>The result of a process that was run until it exited; with -PassThru, including its output.</summary>
[PipelineObject(
    nameof(ContainerId),
    nameof(ExecId),
    nameof(ExitCode),
    nameof(Duration),
    nameof(Output),
    Key = new[] { nameof(ContainerId), nameof(ExecId) }
)]
public sealed class CtrExecResult : CtrContainerObject
{
    /// <summary>The exec's id; null for a container's own process.</summary>
    public string? ExecId { get; set; }

    /// <summary>The process id that it had on the daemon's host.</summary>
    public int Pid { get; set; }

    /// <summary>
    /// The exit code; 128 + the signal number if a signal ended the process; 127 or 126 if the command was not found or could not be
    /// executed (<see cref="ErrorId"/>); null if the daemon lost it.
    /// </summary>
    public int? ExitCode { get; set; }

    /// <summary>The time of the exit, in local time.</summary>
    public DateTime? ExitedAt { get; set; }

    /// <summary>The error id if the command did not start, such as <c>CommandNotFound</c>; null if it started.</summary>
    public string? ErrorId { get; set; }

    /// <summary>
    /// Whether the kernel killed a process of the container, while this one ran, because memory ran out; null when it is not known (see
    /// <see cref="CtrExit.OomKilled"/>).
    /// </summary>
    public bool? OomKilled { get; set; }

    /// <summary>Whether the process was killed because it exceeded its time limit.</summary>
    public bool TimedOut { get; set; }

    /// <summary>The duration, including start and clean-up.</summary>
    public TimeSpan Duration { get; set; }

    /// <summary>
    /// The lines of standard output; with -Raw one string, with -AsByteStream its bytes. Null if they went to the pipeline.
    /// </summary>
    public object? Output { get; set; }

    /// <summary>The lines of standard error; null if they went elsewhere.</summary>
    public string[]? ErrorOutput { get; set; }

    /// <summary>The process and its exit code.</summary>
    /// <returns>Both in a few words.</returns>
    public override string ToString() =>
        $"{ContainerId}{(ExecId is null ? "" : "/" + ExecId)}: exit code "
        + $"{ExitCode?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "unknown"}";
}
