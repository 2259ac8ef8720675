using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Creates the tasks of containers without starting them.</summary>
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
