using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Resumes paused tasks. Corresponds to libcontainerd's Resume.</summary>
[Cmdlet(VerbsLifecycle.Resume, "CtrTask", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrTask))]
public sealed class ResumeCtrTaskCommand : ThrottledContainerCmdlet
{
    /// <summary>Returns the running task. By default, this command returns nothing.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord() =>
        ForEachContainer(target =>
        {
            if (!ShouldProcess(target.Shown, "Resume task"))
                return;
            Do(
                target.Subject,
                cancellationToken => target.Namespace.Tasks.ResumeAsync(target.Id, cancellationToken),
                task =>
                {
                    if (PassThru)
                        WriteObject(task);
                }
            );
        });
}
