using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Stops tasks: sends the stop signal to all tasks at once, waits up to -Timeout, then kills those that are left.</summary>
[Cmdlet(VerbsLifecycle.Stop, "CtrTask", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrExit))]
public sealed class StopCtrTaskCommand : ContainerCmdlet, IStopParameters
{
    private readonly List<ContainerTarget> _targets = [];

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
            if (ShouldProcess(target.Shown, "Stop task"))
                _targets.Add(target);
        });

    protected override void EndProcessing()
    {
        var stopping = Await(async cancellationToken =>
        {
            var all = _targets.Select(t => t.Namespace.Tasks.StopAsync(t.Id, Stop.Grace, Stop.FirstSignal, cancellationToken)).ToList();
            await Task.WhenAny(Task.WhenAll(all), Task.Delay(System.Threading.Timeout.Infinite, cancellationToken)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return all;
        });
        foreach (var (target, stopped) in _targets.Zip(stopping))
            Try(target.Subject, () => Report(target, stopped), target.SessionLabel);
    }

    /// <summary>
    /// An object from the pipeline may be a container without a task, which is not an error; an id of such a container is one.
    /// </summary>
    private void Report(ContainerTarget target, Task<CtrExit> stopped)
    {
        try
        {
            WriteObject(stopped.GetAwaiter().GetResult());
        }
        catch (CtrNotFoundException e) when (target.Item is not null && e.ErrorId == ErrorIds.TaskNotFound)
        {
            WriteVerbose(e.Message);
        }
    }
}
