namespace Containerd;

/// <summary>
/// The state of a task that an earlier PowerShell or another client started (libcontainerd's Restore), at the time of the query.
/// </summary>
[PipelineObject(nameof(ContainerId), nameof(Alive), nameof(Pid), nameof(Status), nameof(HasInput), nameof(HasOutput), nameof(Execs))]
public sealed class CtrTaskConnection : CtrContainerObject
{
    /// <summary>Whether a task exists that has not stopped.</summary>
    public bool Alive { get; set; }

    /// <summary>The process id of the init process on the daemon's host; 0 if it is not alive.</summary>
    public int Pid { get; set; }

    /// <summary>The status of the task; unknown if there is no task or its shim no longer exists.</summary>
    public CtrStatus Status { get; set; }

    /// <summary>Whether Send-CtrInput can write to its standard input from this machine.</summary>
    public bool HasInput { get; set; }

    /// <summary>Whether its output is in files that Get-CtrLog can read.</summary>
    public bool HasOutput { get; set; }

    /// <summary>The running execs of the task, whichever client started them.</summary>
    public CtrProcess[] Execs { get; set; } = [];

    /// <summary>The task itself; null if there is none.</summary>
    public CtrTask? Task { get; set; }

    /// <summary>The id of the container.</summary>
    /// <returns>The id, which every cmdlet accepts instead of the object.</returns>
    public override string ToString() => ContainerId;
}
