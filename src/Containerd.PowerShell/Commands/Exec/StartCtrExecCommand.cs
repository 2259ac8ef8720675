using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Starts execs that were created with Invoke-CtrExec -NoStart, or by another client.</summary>
[Cmdlet(VerbsLifecycle.Start, "CtrExec", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrProcess))]
public sealed class StartCtrExecCommand : ContainerArgumentCmdlet
{
    /// <summary>Specifies the id of the exec, if the input object does not name one.</summary>
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
                ?? throw new CtrArgumentException($"An exec of container '{target.Id}' is required.")
                {
                    ErrorId = ErrorIds.NoExec,
                    Subject = target.Id,
                    Remedy = "Specify it with -ExecId, or pipe in the object that Invoke-CtrExec -NoStart returned.",
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
