using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Starts execs that were added and not started, by Invoke-CtrExec -NoStart or another client. One that cannot be started is removed.
/// </summary>
[Cmdlet(VerbsLifecycle.Start, "CtrExec", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrProcess))]
public sealed class StartCtrExecCommand : ContainerArgumentCmdlet
{
    /// <summary>The exec, where the object that is handed over does not name one.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ById)]
    [Parameter(Position = 1, ParameterSetName = ByObject)]
    [Parameter(Position = 1, ParameterSetName = ByEvent)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(CreatedExecCompleter))]
    public string? ExecId { get; set; }

    protected override void ProcessRecord() =>
        ForEachContainer(target =>
        {
            var execId = Word
                ?? ExecId
                ?? target.ExecId
                ?? throw new CtrArgumentException($"No exec of container '{target.Id}' is named.")
                {
                    ErrorId = ErrorIds.NoExec,
                    Subject = target.Id,
                    Remedy = "Name it with -ExecId, or pipe in what Invoke-CtrExec -NoStart gave.",
                };
            if (!ShouldProcess($"{target.Shown}/{execId}", "Start exec"))
                return;
            var command = (target.Item as CtrProcess)?.Command;
            Do(
                target.Subject,
                cancellationToken => target.Namespace.Execs.StartCreatedAsync(target.Id, execId, command, cancellationToken),
                WriteObject
            );
        });
}
