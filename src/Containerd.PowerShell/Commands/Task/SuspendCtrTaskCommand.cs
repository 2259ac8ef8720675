using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Pauses running tasks: freezes all their processes. Corresponds to libcontainerd's Pause.</summary>
[Cmdlet(VerbsLifecycle.Suspend, "CtrTask", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrTask))]
public sealed class SuspendCtrTaskCommand : ThrottledContainerCmdlet
{
    /// <summary>Returns the paused task. By default, this command returns nothing.</summary>
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
