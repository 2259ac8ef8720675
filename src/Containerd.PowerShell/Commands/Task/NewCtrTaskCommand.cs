using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Makes containers' tasks and does not start them: namespaces, mounts and limits are there, the user's process is not. Start-CtrTask
/// starts it.
/// </summary>
[Cmdlet(VerbsCommon.New, "CtrTask", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrTask))]
public sealed class NewCtrTaskCommand : TaskStartCmdlet
{
    protected override void ProcessRecord() =>
        ForEachContainer(target =>
        {
            if (!ShouldProcess(target.Shown, "Create task"))
                return;
            var start = TaskStartOptions();
            Do(target.Subject, cancellationToken => target.Namespace.Tasks.CreateAsync(target.Id, start, cancellationToken), WriteObject);
        });
}
