namespace Containerd;

/// <summary>
/// A process in a container (tasks.v1 ListPids): the init process, that of an exec, or a process that one of these started. All properties
/// except the ids come from the daemon's host; they are null if the host is another machine.
/// </summary>
[PipelineObject(
    nameof(ContainerId),
    nameof(Pid),
    nameof(ParentPid),
    nameof(ExecId),
    nameof(User),
    nameof(StartTime),
    nameof(CpuTime),
    nameof(Command),
    Key = new[] { nameof(ContainerId), nameof(Pid) },
    Word = nameof(Name)
)]
public sealed class CtrProcessInfo : CtrContainerObject
{
    /// <summary>The process id on the daemon's host.</summary>
    public int Pid { get; set; }

    /// <summary>The process id in the container's own process namespace.</summary>
    public int? ContainerPid { get; set; }

    /// <summary>The parent's process id on the daemon's host.</summary>
    public int? ParentPid { get; set; }

    /// <summary>The id of the exec that this process is; null for every other process.</summary>
    public string? ExecId { get; set; }

    /// <summary>Whether it is the task's init process.</summary>
    public bool IsInit { get; set; }

    /// <summary>The name of the program, which the kernel truncates after 15 characters; on Windows the name of the image.</summary>
    public string Name { get; set; } = "";

    /// <summary>The command line; empty if it is not known.</summary>
    public string[] Command { get; set; } = [];

    /// <summary>The id of the effective user in the container.</summary>
    public long? UserId { get; set; }

    /// <summary>The name of that user in the container's /etc/passwd, or the id if it has no name.</summary>
    public string? User { get; set; }

    /// <summary>The state of the process.</summary>
    public CtrProcessState State { get; set; }

    /// <summary>The number of threads.</summary>
    public int? Threads { get; set; }

    /// <summary>The start time, in local time.</summary>
    public DateTime? StartTime { get; set; }

    /// <summary>Processor time in user mode and in the kernel.</summary>
    public TimeSpan? CpuTime { get; set; }

    /// <summary>Processor time in user mode.</summary>
    public TimeSpan? UserTime { get; set; }

    /// <summary>Processor time in the kernel.</summary>
    public TimeSpan? KernelTime { get; set; }

    /// <summary>The physical memory that it uses, including memory that it shares with other processes, in bytes.</summary>
    public long? WorkingSet { get; set; }

    /// <summary>The physical memory that it does not share with other processes, in bytes; on Windows only.</summary>
    public long? PrivateWorkingSet { get; set; }

    /// <summary>Memory that it has committed, in bytes; on Windows only.</summary>
    public long? Commit { get; set; }

    /// <summary>The id of the container.</summary>
    /// <returns>The id, which every cmdlet accepts instead of the object.</returns>
    public override string ToString() => ContainerId;
}
