using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Deletes tasks and execs that have exited. Corresponds to libcontainerd's DeleteTask.</summary>
[Cmdlet(VerbsCommon.Remove, "CtrTask", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrExit))]
public sealed class RemoveCtrTaskCommand : ThrottledContainerCmdlet
{
    /// <inheritdoc cref="SendCtrSignalCommand.ExecId"/>
    [Parameter]
    [ArgumentCompleter(typeof(ExecCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ExecId { get; set; }

    /// <summary>Indicates that a process that is still running is killed first.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord() =>
        ForEachContainer(target =>
        {
            var execId = ExecId ?? target.ExecId;
            if (!ShouldProcess(execId is null ? target.Shown : $"{target.Shown}/{execId}", execId is null ? "Remove task" : "Remove exec"))
                return;
            Do(
                target.Subject,
                cancellationToken =>
                    execId is null
                        ? target.Namespace.Tasks.RemoveAsync(target.Id, Force, cancellationToken)
                        : target.Namespace.Execs.RemoveAsync(target.Id, execId, Force, cancellationToken),
                exit =>
                {
                    WriteVerbose($"Removed {(execId is null ? "the task" : $"exec {execId}")} of container {target.Id}.");
                    WriteObject(exit);
                }
            );
        });
}
