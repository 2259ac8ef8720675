using System.Management.Automation;
using System.Text.RegularExpressions;
using Containerd.Client;
using Containerd.Host;

namespace Containerd.PowerShell;

/// <summary>Waits until tasks or execs have exited, or until containers are ready.</summary>
[Cmdlet(VerbsLifecycle.Wait, "CtrTask", DefaultParameterSetName = ById)]
[OutputType(typeof(CtrExit), typeof(CtrTask))]
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

    /// <summary>
    /// Indicates that the command waits until the health check of the container has succeeded, and returns the task. The command does not
    /// run the check: another program must do this.
    /// </summary>
    [Parameter]
    public SwitchParameter Healthy { get; set; }

    /// <summary>
    /// Specifies a regular expression. The command waits until a line of the log matches it, and returns the task. Lines of the current
    /// start that were written before also count. Case is ignored, as with -match; a [regex] object has its own options.
    /// </summary>
    [Parameter]
    [RegexTransformation]
    [ValidateNotNull]
    public Regex? LogPattern { get; set; }

    /// <summary>
    /// Specifies TCP ports inside the container. The command waits until the container listens on each of them, and returns the task.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ValidateRange(1, 65535)]
    public int[] Port { get; set; } = [];

    private bool IsForReadiness => Healthy || LogPattern is not null || Port.Length > 0;

    protected override void BeginProcessing()
    {
        var other =
            Any ? "-Any"
            : ExecId is not null ? "-ExecId"
            : null;
        if (IsForReadiness && other is not null)
        {
            ThrowTerminatingError(
                ErrorRecords.From(
                    ConflictingParameters.Error(
                        $"-Healthy, -LogPattern and -Port wait until containers are ready: {other}, which is about exits, cannot be "
                            + "combined with them.",
                        $"Omit {other}, or the others."
                    ),
                    null
                )
            );
        }
    }

    protected override void ProcessRecord() =>
        ForEachContainer(target =>
        {
            // A process that cannot be waited for is a separate error here.
            if (target.ExecId is { } exec && IsForReadiness)
            {
                throw ConflictingParameters.Error(
                    $"'{exec}' is an exec of container '{target.Id}': only the container itself can be ready.",
                    "Use the container.",
                    exec
                );
            }

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
            // A wait for readiness has this time limit itself, and its error names what is missing.
            if (!IsForReadiness)
                enough.Start(Timeout.TimeSpan);
            var waiting = _targets.ToDictionary(target => WaitAsync(target, enough.Token));
            while (waiting.Count > 0)
            {
                var ended = await Task.WhenAny(waiting.Keys).ConfigureAwait(false);
                waiting.Remove(ended, out var target);
                var timedOut =
                    (ended.IsCanceled && !cancellationToken.IsCancellationRequested)
                    || ended.Exception?.InnerException is CtrTimeoutException { ErrorId: ErrorIds.ReadinessTimedOut };
                cancellationToken.ThrowIfCancellationRequested();
                var silence = timedOut ? await SilenceAsync(target!).ConfigureAwait(false) : null;
                await PostAsync(() => Report(target!, ended, silence), cancellationToken).ConfigureAwait(false);
                if (Any && ended.IsCompletedSuccessfully)
                    break;
            }

            await enough.CancelAsync().ConfigureAwait(false);
        });
    }

    private async Task<CtrContainerObject> WaitAsync(ContainerTarget target, CancellationToken cancellationToken)
    {
        if (!IsForReadiness)
            return await target.Namespace.Tasks.WaitAsync(target.Id, ExecId ?? target.ExecId, cancellationToken).ConfigureAwait(false);
        var ready = new ReadinessOptions
        {
            Healthy = Healthy,
            LogPattern = LogPattern,
            Ports = Port,
            Timeout = Timeout.TimeSpan,
        };
        return await target.Namespace.Readiness.WaitAsync(target.Id, ready, cancellationToken).ConfigureAwait(false);
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

    private void Report(ContainerTarget target, Task<CtrContainerObject> ended, CtrTimeoutException? silence) =>
        Try(
            target.Subject,
            () =>
            {
                if (silence is not null)
                    throw silence;
                if (ended.IsCanceled)
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
