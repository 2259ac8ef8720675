using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Waits until tasks, or execs, have ended. Ctrl+C stops waiting and leaves them alone.</summary>
[Cmdlet(VerbsLifecycle.Wait, "CtrTask", DefaultParameterSetName = ById)]
[OutputType(typeof(CtrExit))]
public sealed class WaitCtrTaskCommand : ContainerCmdlet
{
    private readonly List<ContainerTarget> _targets = [];

    /// <summary>An exec in the place of the container's own process.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ExecCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ExecId { get; set; }

    /// <summary>How long to wait for all of them together: 10 (seconds), 500ms, 1m30s; without it, for ever.</summary>
    [Parameter]
    public CtrDuration? Timeout { get; set; }

    /// <summary>Returns as soon as one has ended, with that one's exit.</summary>
    [Parameter]
    public SwitchParameter Any { get; set; }

    protected override void ProcessRecord() => ForEachContainer(target =>
    {
        // A process that cannot be waited for is an error of its own, here.
        _ = target.ExecId;
        _targets.Add(target);
    });

    protected override void EndProcessing()
    {
        if (_targets.Count == 0)
            return;
        WriteVerbose($"Waiting for {string.Join(", ", _targets.Select(target => target.Id))}{(Timeout is null ? "" : $", for {Timeout}")}.");
        Await(async cancellation =>
        {
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            if (Timeout is CtrDuration limit)
                enough.CancelAfter(limit.TimeSpan);
            var waiting = _targets.ToDictionary(t => t.Namespace.Tasks.WaitAsync(t.Id, ExecId ?? t.ExecId, enough.Token));
            while (waiting.Count > 0)
            {
                var ended = await Task.WhenAny(waiting.Keys).ConfigureAwait(false);
                waiting.Remove(ended, out var target);
                var timedOut = ended.IsCanceled && !cancellation.IsCancellationRequested;
                cancellation.ThrowIfCancellationRequested();
                await PostAsync(() => Report(target!, ended, timedOut), cancellation).ConfigureAwait(false);
                if (Any && ended.IsCompletedSuccessfully)
                    break;
            }

            await enough.CancelAsync().ConfigureAwait(false);
        });
    }

    private void Report(ContainerTarget target, Task<CtrExit> ended, bool timedOut) => Try(target.Subject, () =>
    {
        if (timedOut)
        {
            throw new CtrTimeoutException($"Container '{target.Id}' still ran after {Timeout}.")
            {
                ErrorId = "WaitTimedOut",
                Subject = target.Id,
                Remedy = $"Wait longer, or stop it with Stop-CtrTask {target.Id}.",
            };
        }

        WriteObject(ended.GetAwaiter().GetResult());
    }, target.Place);
}
