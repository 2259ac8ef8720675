namespace Containerd;

/// <summary>
/// What a new client finds of a task that somebody else started (libcontainerd's Restore), as it was when it was asked for.
/// </summary>
[PipelineObject(nameof(ContainerId), nameof(Alive), nameof(Pid), nameof(Status), nameof(HasInput), nameof(HasOutput), nameof(Execs))]
public sealed class CtrTaskConnection : CtrContainerObject
{
    /// <summary>Whether there is a task that has not stopped.</summary>
    public bool Alive { get; set; }

    /// <summary>The init process's id on the daemon's host; 0 when it is not alive.</summary>
    public int Pid { get; set; }

    /// <summary>What the task was doing; unknown where there is none, or its shim is gone.</summary>
    public CtrStatus Status { get; set; }

    /// <summary>Whether its standard input can be written to from here, with Send-CtrInput.</summary>
    public bool HasInput { get; set; }

    /// <summary>Whether its output is in files that Get-CtrLog reads.</summary>
    public bool HasOutput { get; set; }

    /// <summary>The execs that run in it, whoever started them.</summary>
    public CtrProcess[] Execs { get; set; } = [];

    /// <summary>The task itself; null where there is none.</summary>
    public CtrTask? Task { get; set; }

    /// <summary>The container's id.</summary>
    /// <returns>The id, which every cmdlet takes in the object's place.</returns>
    public override string ToString() => ContainerId;
}
