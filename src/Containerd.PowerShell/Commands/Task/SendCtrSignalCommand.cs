using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Sends a signal to a container's process, to an exec, or to all processes of a container. Corresponds to libcontainerd's SignalProcess.
/// </summary>
[Cmdlet(VerbsCommunications.Send, "CtrSignal", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrTask))]
public sealed class SendCtrSignalCommand : ContainerArgumentCmdlet
{
    /// <summary>Specifies the signal by name (TERM, SIGHUP, RTMIN+1) or by number. There is no default: name the signal.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ById)]
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ByObject)]
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ByEvent)]
    [ArgumentCompleter(typeof(SignalCompleter))]
    public CtrSignal Signal { get; set; } = CtrSignal.Term;

    /// <summary>Specifies the id of an exec to use instead of the container's own process.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ExecCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ExecId { get; set; }

    /// <summary>Sends the signal to every process of the container.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <summary>Returns the container's task. By default, this command returns nothing.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord() =>
        ForEachContainer(target =>
        {
            var signal = Word is { } word ? CtrSignal.Parse(word) : Signal;
            var execId = ExecId ?? target.ExecId;
            if (ShouldProcess(execId is null ? target.Shown : $"{target.Shown}/{execId}", $"Send {signal.Name}"))
                Do(
                    target,
                    cancellationToken => target.Namespace.Tasks.SignalAsync(target.Id, signal.Number, execId, All, cancellationToken),
                    PassThru
                );
        });
}
