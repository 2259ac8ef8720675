using System.Globalization;
using System.Management.Automation;
using Containerd.Client;
using Containerd.Host;

namespace Containerd.PowerShell;

/// <summary>Reads and follows the output of containers.</summary>
[Cmdlet(VerbsCommon.Get, "CtrLog", DefaultParameterSetName = ById)]
[OutputType(typeof(CtrLogLine))]
public sealed class GetCtrLogCommand : ContainerCmdlet
{
    private readonly List<ContainerTarget> _targets = [];
    private DateTime? _since;
    private DateTime? _until;

    /// <summary>Specifies the ids or names of containers; wildcards are permitted.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ById)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [IdTransformation]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public override string[] Id { get; set; } = [];

    /// <summary>Specifies the stream to read, Stdout or Stderr. By default, both are read.</summary>
    [Parameter]
    public CtrOutput? Stream { get; set; }

    /// <summary>
    /// Specifies the number of lines to return from the end of each container's output. By default, all lines are returned.
    /// </summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? Tail { get; set; }

    /// <summary>
    /// Indicates that the command waits for further output until the tasks have ended. Several containers are followed at the same time.
    /// </summary>
    [Parameter]
    public SwitchParameter Follow { get; set; }

    /// <summary>
    /// Specifies the earliest time of the returned lines: a DateTime, a string, or a length of time before now (10m, 7d, a TimeSpan). The
    /// task must have been started with -LogFormat Timestamped.
    /// </summary>
    [Parameter]
    [SingleValue("1.5h")]
    public CtrMoment Since { get; set; }

    /// <summary>
    /// Specifies the latest time of the returned lines, in the same forms as -Since. With -Follow, the command ends at that time. The task
    /// must have been started with -LogFormat Timestamped.
    /// </summary>
    [Parameter]
    [SingleValue("1.5h")]
    public CtrMoment Until { get; set; }

    /// <summary>Indicates that each line starts with its time. The task must have been started with -LogFormat Timestamped.</summary>
    [Parameter]
    public SwitchParameter Timestamps { get; set; }

    /// <summary>Specifies the id of a detached exec whose output is read instead of that of the container's own process.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ExecCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ExecId { get; set; }

    protected override void ProcessRecord() =>
        ForEachContainer(target =>
        {
            // A process that cannot be identified is a separate error here.
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
            // A pattern selects only containers that have a log.
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
