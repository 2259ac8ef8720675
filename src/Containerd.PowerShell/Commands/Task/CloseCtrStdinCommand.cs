using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Closes the standard input of a container's process or of an exec. Corresponds to libcontainerd's CloseStdin.</summary>
[Cmdlet(VerbsCommon.Close, "CtrStdin", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrTask))]
public sealed class CloseCtrStdinCommand : ContainerCmdlet
{
    /// <inheritdoc cref="SendCtrSignalCommand.ExecId"/>
    [Parameter]
    [ArgumentCompleter(typeof(ExecCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ExecId { get; set; }

    /// <inheritdoc cref="SendCtrSignalCommand.PassThru"/>
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
