using System.Management.Automation;
using Containerd.Host;

namespace Containerd.PowerShell;

/// <summary>Waits until tasks or execs have exited.</summary>
[Cmdlet(VerbsLifecycle.Wait, "CtrTask", DefaultParameterSetName = ById)]
[OutputType(typeof(CtrExit))]
public sealed class WaitCtrTaskCommand : ContainerCmdlet
{
    private readonly List<ContainerTarget> _targets = [];

    /// <inheritdoc cref="SendCtrSignalCommand.ExecId"/>
    [Parameter]
    [ArgumentCompleter(typeof(ExecCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ExecId { get; set; }

    /// <summary>
    /// Specifies how long to wait for all of them together: 10 (seconds), 500ms, 1m30s, 1d. The default is -1, which means no limit.
    /// </summary>
    [Parameter]
    [PSDefaultValue(Help = "-1")]
    [SingleValue("1.5s")]
    public CtrDuration Timeout { get; set; } = CtrDuration.Unlimited;

    /// <summary>Indicates that the command ends as soon as one of them has exited, and returns that exit.</summary>
    [Parameter]
    public SwitchParameter Any { get; set; }

    protected override void ProcessRecord() =>
        ForEachContainer(target =>
        {
            // A process that cannot be waited for is a separate error here.
            _ = target.ExecId;
            _targets.Add(target);
        });

    protected override void EndProcessing()
    {
        if (_targets.Count == 0)
            return;
        WriteVerbose(
            $"Waiting for {string.Join(", ", _targets.Select(target => target.Id))}{(Timeout.IsUnlimited ? "" : $", for {Timeout}")}."
        );
        Await(async cancellationToken =>
        {
            using var enough = new Deadline(cancellationToken);
            enough.Start(Timeout.TimeSpan);
            var waiting = _targets.ToDictionary(t => t.Namespace.Tasks.WaitAsync(t.Id, ExecId ?? t.ExecId, enough.Token));
            while (waiting.Count > 0)
            {
                var ended = await Task.WhenAny(waiting.Keys).ConfigureAwait(false);
                waiting.Remove(ended, out var target);
                var timedOut = ended.IsCanceled && !cancellationToken.IsCancellationRequested;
                cancellationToken.ThrowIfCancellationRequested();
                var silence = timedOut ? await SilenceAsync(target!).ConfigureAwait(false) : null;
                await PostAsync(() => Report(target!, ended, timedOut, silence), cancellationToken).ConfigureAwait(false);
                if (Any && ended.IsCompletedSuccessfully)
                    break;
            }

            await enough.CancelAsync().ConfigureAwait(false);
        });
    }

    /// <summary>The error if the daemon of the task does not answer at all; otherwise null.</summary>
    private static async Task<CtrTimeoutException?> SilenceAsync(ContainerTarget target)
    {
        try
        {
            await target.Namespace.Client.RequireAnswerAsync(TimeSpan.FromMilliseconds(400)).ConfigureAwait(false);
            return null;
        }
        catch (CtrTimeoutException e)
        {
            return e;
        }
    }

    private void Report(ContainerTarget target, Task<CtrExit> ended, bool timedOut, CtrTimeoutException? silence) =>
        Try(
            target.Subject,
            () =>
            {
                if (silence is not null)
                    throw silence;
                if (timedOut)
                {
                    throw new CtrTimeoutException($"Container '{target.Id}' was still running after {Timeout}.")
                    {
                        ErrorId = ErrorIds.WaitTimedOut,
                        Subject = target.Id,
                        Remedy = $"Wait longer, or stop it with Stop-CtrTask {target.Id}.",
                    };
                }

                WriteObject(ended.GetAwaiter().GetResult());
            },
            target.SessionLabel
        );
}
