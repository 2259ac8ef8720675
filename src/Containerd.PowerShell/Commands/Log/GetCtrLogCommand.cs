using System.Globalization;
using System.Management.Automation;
using Containerd.Client;
using Containerd.Host;

namespace Containerd.PowerShell;

/// <summary>
/// Reads what containers wrote, as lines: all starts, the earliest first. What a task that has ended wrote comes to its last byte. With
/// -Follow it goes on until the
/// tasks have ended.
/// </summary>
[Cmdlet(VerbsCommon.Get, "CtrLog", DefaultParameterSetName = ById)]
[OutputType(typeof(CtrLogLine))]
public sealed class GetCtrLogCommand : ContainerCmdlet
{
    private readonly List<ContainerTarget> _targets = [];
    private DateTime? _since;
    private DateTime? _until;

    /// <summary>Ids of containers; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ById)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [IdTransformation]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public override string[] Id { get; set; } = [];

    /// <summary>One stream alone.</summary>
    [Parameter]
    public CtrOutput? Stream { get; set; }

    /// <summary>Only the last lines, so many of each container.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? Tail { get; set; }

    /// <summary>Waits for more until the task has ended, of several containers side by side.</summary>
    [Parameter]
    public SwitchParameter Follow { get; set; }

    /// <summary>
    /// Only lines of this time or later: a DateTime, a text, or how long ago (10m, 7d, a TimeSpan). Needs -LogFormat Timestamped at the
    /// start.
    /// </summary>
    [Parameter]
    [SingleValue("1.5h")]
    public CtrMoment Since { get; set; }

    /// <summary>Only lines of this time or earlier; with -Follow, waiting ends then. Needs -LogFormat Timestamped at the start.</summary>
    [Parameter]
    [SingleValue("1.5h")]
    public CtrMoment Until { get; set; }

    /// <summary>Begins each line with its time. Needs -LogFormat Timestamped at the start.</summary>
    [Parameter]
    public SwitchParameter Timestamps { get; set; }

    /// <summary>A detached exec's output in the place of the container's own.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ExecCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ExecId { get; set; }

    protected override void ProcessRecord() =>
        ForEachContainer(target =>
        {
            // A process that cannot be named is an error of its own, here.
            _ = target.ExecId;
            if (target.Item is not null || !WildcardPattern.ContainsWildcardCharacters(target.Id))
            {
                _targets.Add(target);
                return;
            }

            var pattern = new ContainerPattern(target.Id);
            foreach (
                var container in Await(cancellationToken => target.Namespace.Containers.ListAsync(cancellationToken)).Where(pattern.IsMatch)
            )
                _targets.Add(target with { Id = container.ContainerId, IsMatch = true });
        });

    protected override void EndProcessing()
    {
        if (!Try(null, () => (_since, _until) = (this.IfGiven(Since)?.Time, this.IfGiven(Until)?.Time)))
            return;
        if (Follow)
        {
            Await(cancellationToken => Task.WhenAll(_targets.Select(t => ReadAsync(t, cancellationToken))));
            return;
        }

        foreach (var target in _targets)
            Await(cancellationToken => ReadAsync(target, cancellationToken));
        base.EndProcessing();
    }

    private async Task ReadAsync(ContainerTarget target, CancellationToken cancellationToken)
    {
        var query = new LogReadOptions
        {
            Stream = Stream,
            ExecId = ExecId ?? target.ExecId,
            Follow = Follow,
            Tail = Tail,
            Since = _since,
            Until = _until,
            NeedsTime = Timestamps,
        };
        try
        {
            var outcome = await target
                .Namespace.Logs.ReadAsync(target.Id, query, (lines, ct) => PostAsync(() => Write(target, lines), ct), cancellationToken)
                .ConfigureAwait(false);
            await PostAsync(() => Warn(target, outcome), cancellationToken).ConfigureAwait(false);
        }
        catch (CtrNotFoundException e) when (target.IsMatch && e.ErrorId is ErrorIds.LogNotFound or ErrorIds.ContainerNotFound)
        {
            // Of those that a pattern matches, the ones are meant that have a log.
        }
        catch (CtrException e)
        {
            await PostAsync(() => Try(target.Subject, () => throw e, target.SessionLabel), cancellationToken).ConfigureAwait(false);
        }
    }

    private void Write(ContainerTarget target, IReadOnlyList<LogLine> lines)
    {
        foreach (var line in lines)
        {
            StopToken.ThrowIfCancellationRequested();
            var item = new CtrLogLine
            {
                Text = Timestamps ? string.Create(CultureInfo.InvariantCulture, $"{line.Time:O} {line.Text}") : line.Text,
                Stream = line.Source,
                Time = line.Time,
                Start = line.Start,
                ContainerId = target.Id,
                Namespace = target.Namespace.Namespace,
                Session = target.Namespace.Session,
            };
            if (_targets.Count == 1)
            {
                WriteObject(item);
                continue;
            }

            var named = new PSObject(item);
            named.Properties.Add(
                new PSNoteProperty(LogText.Origin, target.SessionLabel is null ? target.Id : $"{target.SessionLabel}/{target.Id}")
            );
            WriteObject(named);
        }
    }

    private void Warn(ContainerTarget target, LogOutcome outcome)
    {
        if (outcome.StreamsHeld)
            WriteWarning(
                $"The process in '{target.Id}' has ended, but another one that it left behind holds its output open: what that one "
                    + "writes is not shown."
            );
        if (outcome.LinesSplit > 0)
        {
            WriteWarning(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{outcome.LinesSplit} lines in the log of '{target.Id}' are longer than {LineSplitter.DefaultLength} "
                        + $"characters. Each was split into several lines."
                )
            );
        }

        if (outcome.FilesMissed > 0)
            WriteWarning(
                $"The log of '{target.Id}' grew faster than it could be read: {outcome.FilesMissed} files of it are missing here, "
                    + "which its limited size has removed."
            );
    }
}
