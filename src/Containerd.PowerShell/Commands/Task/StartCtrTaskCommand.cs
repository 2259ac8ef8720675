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
    protected override void ProcessRecord() => ForEachContainer(target =>
    {
        if (!ShouldProcess(target.Id, "Start task"))
            return;
        var start = TaskStart();
        WriteObject(Await(cancellation => target.Namespace.Tasks.StartAsync(target.Id, start, cancellation)));
    });
}
