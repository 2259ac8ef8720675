using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Ends the standard input of a container's process, or of an exec's (libcontainerd's CloseStdin): it reads what was written, then the end.
/// </summary>
[Cmdlet(VerbsCommon.Close, "CtrStdin", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrTask))]
public sealed class CloseCtrStdinCommand : ContainerCmdlet
{
    /// <summary>An exec in the place of the container's own process.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ExecCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ExecId { get; set; }

    /// <summary>Gives the container's task.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord() =>
        ForEachContainer(target =>
        {
            var execId = ExecId ?? target.ExecId;
            if (ShouldProcess(execId is null ? target.Shown : $"{target.Shown}/{execId}", "Close standard input"))
                Do(target, cancellationToken => target.Namespace.Tasks.CloseInputAsync(target.Id, execId, cancellationToken), PassThru);
        });
}
