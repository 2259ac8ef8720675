namespace Containerd;

/// <summary>
/// A process in a container (tasks.v1 ListPids): the init process, an exec's, or what one of these started. Beyond its ids it has what the
/// daemon's host
/// shows of it; null where the host is another machine.
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

    /// <summary>The program's name, which the kernel cuts after 15 letters; on Windows the image's name.</summary>
    public string Name { get; set; } = "";

    /// <summary>The command line; empty where it is not known.</summary>
    public string[] Command { get; set; } = [];

    /// <summary>The effective user's number, as the container has it.</summary>
    public long? UserId { get; set; }

    /// <summary>That user's name in the container's /etc/passwd, or the number where it has none.</summary>
    public string? User { get; set; }

    /// <summary>What it was doing.</summary>
    public CtrProcessState State { get; set; }

    /// <summary>How many threads it has.</summary>
    public int? Threads { get; set; }

    /// <summary>When it started, local time.</summary>
    public DateTime? StartTime { get; set; }

    /// <summary>Processor time in user mode and in the kernel.</summary>
    public TimeSpan? CpuTime { get; set; }

    /// <summary>Processor time in user mode.</summary>
    public TimeSpan? UserTime { get; set; }

    /// <summary>Processor time in the kernel.</summary>
    public TimeSpan? KernelTime { get; set; }

    /// <summary>Physical memory that it uses, what it shares with others included, in bytes.</summary>
    public long? WorkingSet { get; set; }

    /// <summary>Physical memory that it shares with nobody, in bytes; on Windows only.</summary>
    public long? PrivateWorkingSet { get; set; }

    /// <summary>Memory that it has committed, in bytes; on Windows only.</summary>
    public long? Commit { get; set; }

    /// <summary>The container's id.</summary>
    /// <returns>The id, which every cmdlet takes in the object's place.</returns>
    public override string ToString() => ContainerId;
}
