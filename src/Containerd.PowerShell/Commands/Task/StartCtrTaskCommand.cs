using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Starts containers: makes each one's task and runs it (libcontainerd's Start).</summary>
[Cmdlet(VerbsLifecycle.Start, "CtrTask", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrTask))]
public sealed class StartCtrTaskCommand : ContainerCmdlet
{
    /// <summary>A file for the task's output, both streams in one; without it the module keeps them itself, one file per stream.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LogPath { get; set; }

    /// <summary>Throws the task's output away.</summary>
    [Parameter]
    public SwitchParameter NoLog { get; set; }

    /// <summary>Gives the task a standard input.</summary>
    [Parameter]
    public SwitchParameter WithStdin { get; set; }

    /// <summary>A checkpoint of the container that the task goes on from: a directory or an archive. A checkpoint from the pipeline names its own.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CheckpointPath { get; set; }

    protected override void ProcessRecord() => ForEachContainer(target =>
    {
        if (!ShouldProcess(target.Id, "Start task"))
            return;
        var start = new TaskStart { LogPath = LogPath is null ? null : ResolvePath(LogPath), NoLog = NoLog, WithStdin = WithStdin, CheckpointPath = CheckpointOf(target) };
        WriteObject(Await(cancellation => target.Namespace.Tasks.StartAsync(target.Id, start, cancellation)));
    });

    private string? CheckpointOf(ContainerTarget target) => CheckpointPath is not null ? ResolvePath(CheckpointPath) : (target.Item as CtrCheckpoint)?.Path;
}
