using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Freezes all processes of running tasks (libcontainerd's Pause).</summary>
[Cmdlet(VerbsLifecycle.Suspend, "CtrTask", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrTask))]
public sealed class SuspendCtrTaskCommand : ThrottledContainerCmdlet
{
    /// <summary>Gives the paused task.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord() =>
        ForEachContainer(target =>
        {
            if (!ShouldProcess(target.Shown, "Pause task"))
                return;
            Do(
                target.Subject,
                cancellationToken => target.Namespace.Tasks.PauseAsync(target.Id, cancellationToken),
                task =>
                {
                    if (PassThru)
                        WriteObject(task);
                }
            );
        });
}
