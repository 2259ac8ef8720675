namespace Containerd;

/// <summary>A task: the running side of a container (tasks.v1 Process), at the time of the query.</summary>
[PipelineObject(nameof(ContainerId), nameof(Pid), nameof(Status), nameof(ExitCode), nameof(ExitedAt), nameof(Namespace))]
public sealed class CtrTask : CtrContainerObject
{
    /// <summary>The process id on the daemon's host; 0 if there is none.</summary>
    public int Pid { get; set; }

    /// <summary>The status of the task.</summary>
    public CtrStatus Status { get; set; }

    /// <summary>
    /// The start of its process, in local time; null if it does not run, and over a session to another host, where only the kernel knows
    /// it.
    /// </summary>
    public DateTime? StartedAt { get; set; }

    /// <summary>The image of its container; empty for none.</summary>
    public string Image { get; set; } = "";

    /// <summary>The command line of its process; empty if containerd does not store it.</summary>
    public string[] Command { get; set; } = [];

    /// <summary>The exit code of a stopped task (128 + the signal's number when a signal ended it); null while it runs.</summary>
    public int? ExitCode { get; set; }

    /// <summary>The time of the exit, in local time; null while it runs.</summary>
    public DateTime? ExitedAt { get; set; }

    /// <summary>
    /// Whether the kernel killed a process of the container because memory ran out; null while it runs, and if it is not known (see <see
    /// cref="CtrExit.OomKilled"/>).
    /// </summary>
    public bool? OomKilled { get; set; }

    /// <summary>Whether the process has a terminal.</summary>
    public bool Terminal { get; set; }

    /// <summary>The source of its standard input; empty for none.</summary>
    public string Stdin { get; set; } = "";

    /// <summary>The destination of its standard output: a file, a FIFO or the URI of a logger; empty if the output is discarded.</summary>
    public string Stdout { get; set; } = "";

    /// <summary>
    /// The destination of its standard error; empty if the output is discarded, and with a terminal, which has only one stream.
    /// </summary>
    public string Stderr { get; set; } = "";

    /// <summary>The id of the container.</summary>
    /// <returns>The id, which every cmdlet accepts instead of the object.</returns>
    public override string ToString() => ContainerId;
}
