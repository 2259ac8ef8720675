namespace Containerd;

/// <summary>A process that an exec added to a running container (tasks.v1 Exec), at the time of the query.</summary>
[PipelineObject(
    nameof(ContainerId),
    nameof(ExecId),
    nameof(Pid),
    nameof(Status),
    nameof(Command),
    Key = new[] { nameof(ContainerId), nameof(ExecId) },
    Word = nameof(ExecId)
)]
public sealed class CtrProcess : CtrContainerObject
{
    /// <summary>The exec's id, unique in its container.</summary>
    public string ExecId { get; set; } = "";

    /// <summary>The process id on the daemon's host; 0 if there is none.</summary>
    public int Pid { get; set; }

    /// <summary>The status of the process.</summary>
    public CtrStatus Status { get; set; }

    /// <summary>The command line.</summary>
    public string[] Command { get; set; } = [];

    /// <summary>The exec's id in its container.</summary>
    /// <returns>Container and exec id, joined by a slash.</returns>
    public override string ToString() => $"{ContainerId}/{ExecId}";
}
