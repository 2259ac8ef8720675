using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Restarts tasks: sends the stop signal, waits up to -Timeout, kills the task if it is left, and starts the container again with the same
/// streams.
/// </summary>
[Cmdlet(VerbsLifecycle.Restart, "CtrTask", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrTask))]
public sealed class RestartCtrTaskCommand : ThrottledContainerCmdlet, IStopParameters
{
    private IStopParameters Stop => this;

    /// <inheritdoc/>
    [Parameter]
    [PSDefaultValue(Help = "10s")]
    [SingleValue("1.5s")]
    public CtrDuration Timeout { get; set; } = new(10);

    /// <inheritdoc/>
    [Parameter]
    [ArgumentCompleter(typeof(SignalCompleter))]
    public CtrSignal? Signal { get; set; }

    /// <inheritdoc/>
    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void BeginProcessing() => Stop.Require(this);

    protected override void ProcessRecord() =>
        ForEachContainer(target =>
        {
            if (ShouldProcess(target.Shown, "Restart task"))
                Do(
                    target.Subject,
                    cancellationToken => target.Namespace.Tasks.RestartAsync(target.Id, Stop.Grace, Stop.FirstSignal, cancellationToken),
                    WriteObject
                );
        });
}
