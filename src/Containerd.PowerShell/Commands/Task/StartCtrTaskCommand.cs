using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Starts containers: makes each one's task and runs it (libcontainerd's Start). A task that was created before, by New-CtrTask or another client, is
/// started as it is.
/// </summary>
[Cmdlet(VerbsLifecycle.Start, "CtrTask", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrTask))]
public sealed class StartCtrTaskCommand : TaskStartCmdlet
{
    /// <summary>A checkpoint of the container that the task goes on from: a directory or an archive. A checkpoint from the pipeline names its own.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CheckpointPath { get; set; }

    protected override void ProcessRecord() => ForEachContainer(target =>
    {
        if (!ShouldProcess(target.Id, "Start task"))
            return;
        var start = TaskStart() with { CheckpointPath = CheckpointOf(target) };
        WriteObject(Await(cancellation => target.Namespace.Tasks.StartAsync(target.Id, start, cancellation)));
    });

    private string? CheckpointOf(ContainerTarget target) => CheckpointPath is not null ? ResolvePath(CheckpointPath) : (target.Item as CtrCheckpoint)?.Path;
}
