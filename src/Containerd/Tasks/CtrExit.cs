namespace Containerd;

/// <summary>How a process ended (tasks.v1 Wait and Delete).</summary>
[PipelineObject(
    nameof(ContainerId),
    nameof(ExecId),
    nameof(Pid),
    nameof(ExitCode),
    nameof(ExitedAt),
    Key = new[] { nameof(ContainerId), nameof(ExecId) }
)]
public class CtrExit : CtrContainerObject
{
    /// <summary>The exec's id; null for a container's init process.</summary>
    public string? ExecId { get; set; }

    /// <summary>The process id that it had on the daemon's host; 0 when it is not known.</summary>
    public int Pid { get; set; }

    /// <summary>The exit code, 128 + the signal's number when a signal ended it; null when the daemon no longer knows it.</summary>
    public int? ExitCode { get; set; }

    /// <summary>When it ended, local time; null when the daemon no longer knows it.</summary>
    public DateTime? ExitedAt { get; set; }

    /// <summary>
    /// Whether the kernel killed a process of the container because memory ran out; for an exec, while it ran. Null when it is not known:
    /// containerd keeps no such state, and an exit with code 0 is not
    /// looked into.
    /// </summary>
    public bool? OomKilled { get; set; }

    /// <summary>The process and its exit code.</summary>
    /// <returns>The container's id, which every cmdlet takes in the object's place.</returns>
    public override string ToString() => ContainerId;
}
