namespace Containerd;

/// <summary>A task: the running side of a container (tasks.v1 Process), as it was when it was asked for.</summary>
[PipelineObject(nameof(ContainerId), nameof(Pid), nameof(Status), nameof(ExitCode), nameof(ExitedAt), nameof(Namespace))]
public sealed class CtrTask : CtrContainerObject
{
    /// <summary>The init process's id on the daemon's host; 0 when there is none.</summary>
    public int Pid { get; set; }

    /// <summary>What the task was doing.</summary>
    public CtrStatus Status { get; set; }

    /// <summary>The exit code of a stopped task (128 + the signal's number when a signal ended it); null while it runs.</summary>
    public int? ExitCode { get; set; }

    /// <summary>When the task stopped, local time; null while it runs.</summary>
    public DateTime? ExitedAt { get; set; }

    /// <summary>
    /// Whether the kernel killed a process of the container because memory ran out; null while it runs, and when it is not known (see <see
    /// cref="CtrExit.OomKilled"/>).
    /// </summary>
    public bool? OomKilled { get; set; }

    /// <summary>Whether the process has a terminal.</summary>
    public bool Terminal { get; set; }

    /// <summary>Where its standard input comes from; empty for none.</summary>
    public string Stdin { get; set; } = "";

    /// <summary>Where its standard output goes: a file, a FIFO or the URI of a log writer; empty for nowhere.</summary>
    public string Stdout { get; set; } = "";

    /// <summary>Where its standard error goes; empty for nowhere, and with a terminal, which has one stream.</summary>
    public string Stderr { get; set; } = "";

    /// <summary>The container's id.</summary>
    /// <returns>The id, which every cmdlet takes in the object's place.</returns>
    public override string ToString() => ContainerId;
}
