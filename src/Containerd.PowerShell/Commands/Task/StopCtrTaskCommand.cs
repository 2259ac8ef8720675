using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Stops tasks: sends the stop signal to all tasks at once, waits up to -Timeout, then kills those that are left.</summary>
[Cmdlet(VerbsLifecycle.Stop, "CtrTask", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrExit))]
public sealed class StopCtrTaskCommand : ContainerCmdlet
{
    private readonly List<ContainerTarget> _targets = [];

    /// <summary>
    /// Specifies how long to wait for the tasks to stop before they are killed: 10 (seconds), 500ms, 1m30s; -1 means no limit. The default
    /// is 10 seconds.
    /// </summary>
    [Parameter]
    [PSDefaultValue(Help = "10s")]
    [SingleValue("1.5s")]
    public CtrDuration Timeout { get; set; } = new(10);

    /// <summary>Specifies the signal to send first, by name or number. The default is the container's own stop signal.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SignalCompleter))]
    public CtrSignal? Signal { get; set; }

    /// <summary>Indicates that the tasks are killed without waiting.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void BeginProcessing()
    {
        if (Force && Signal is not null)
            ThrowTerminatingError(
                ErrorRecords.From(
                    ConflictingParameters.Error(
                        "-Force and -Signal cannot be combined: -Force kills immediately, without another signal.",
                        "Use only one of them."
                    ),
                    null
                )
            );
    }

    protected override void ProcessRecord() =>
        ForEachContainer(target =>
        {
            if (ShouldProcess(target.Shown, "Stop task"))
                _targets.Add(target);
        });

    protected override void EndProcessing()
    {
        var grace = Force ? TimeSpan.Zero : Timeout.TimeSpan;
        var signal = Force ? CtrSignal.Kill.Number : Signal?.Number;
        var stopping = Await(async cancellationToken =>
        {
            var all = _targets.Select(t => t.Namespace.Tasks.StopAsync(t.Id, grace, signal, cancellationToken)).ToList();
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
