namespace Containerd;

/// <summary>The exit of a process (tasks.v1 Wait and Delete).</summary>
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

    /// <summary>The former process id on the daemon's host; 0 if it is not known.</summary>
    public int Pid { get; set; }

    /// <summary>The exit code; 128 + the signal number if a signal ended the process; null if the daemon no longer knows it.</summary>
    public int? ExitCode { get; set; }

    /// <summary>The time of the exit, in local time; null if the daemon no longer knows it.</summary>
    public DateTime? ExitedAt { get; set; }

    /// <summary>
    /// Whether the kernel killed a process of the container because memory ran out; for an exec, while it ran. Null if it is not known:
    /// containerd does not store this, and it is not determined for an exit with code 0.
    /// </summary>
    public bool? OomKilled { get; set; }

    /// <summary>The process and its exit code.</summary>
    /// <returns>The container's id, which every cmdlet accepts instead of the object.</returns>
    public override string ToString() => ContainerId;
}
