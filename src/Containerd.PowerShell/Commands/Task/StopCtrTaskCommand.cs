using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Stops tasks: all get their stop signal at once, share one grace, and are killed when it is over. A stopped task stays until
/// Remove-CtrTask.
/// </summary>
[Cmdlet(VerbsLifecycle.Stop, "CtrTask", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrExit))]
public sealed class StopCtrTaskCommand : ContainerCmdlet
{
    private readonly List<ContainerTarget> _targets = [];

    /// <summary>
    /// How long the tasks may take to end by themselves: 10 (seconds), 500ms, 1m30s; -1 for no limit. The default is 10 seconds.
    /// </summary>
    [Parameter]
    [PSDefaultValue(Help = "10s")]
    [SingleValue("1.5s")]
    public CtrDuration Timeout { get; set; } = new(10);

    /// <summary>The first signal, by name or number; without it the container's own stop signal.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SignalCompleter))]
    public CtrSignal? Signal { get; set; }

    /// <summary>Kills at once.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void BeginProcessing()
    {
        if (Force && Signal is not null)
            ThrowTerminatingError(
                ErrorRecords.From(
                    ConflictingParameters.Error("-Force kills at once, and sends no other signal first.", "Give -Force or -Signal."),
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

    /// <summary>An object stands for whatever runs in its container, which may be nothing; an id says that something does.</summary>
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
