using System.Diagnostics;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Gets the resource usage of tasks: processor, memory, processes, block and network I/O. Corresponds to libcontainerd's Stats.
/// </summary>
[Cmdlet(VerbsCommon.Get, "CtrStats", DefaultParameterSetName = ContainerCmdlet.ById)]
[OutputType(typeof(CtrStats))]
public sealed class GetCtrStatsCommand : StatsCmdlet
{
    /// <summary>The maximum time to wait for a single result.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly HashSet<(StatsGroup, string)> _reported = [];
    private readonly HashSet<(StatsGroup, string)> _seen = [];

    /// <summary>Returns one object for each task in every -Interval, until Ctrl+C or until the last of the named tasks has ended.</summary>
    [Parameter]
    public SwitchParameter Continuous { get; set; }

    /// <summary>Indicates that each task is read only once, without waiting. CpuPercent is then empty.</summary>
    [Parameter]
    public SwitchParameter SingleReading { get; set; }

    protected override void EndProcessing()
    {
        if (Groups.Count == 0)
            return;
        Try(null, () => Await(RunAsync));
        base.EndProcessing();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        await ReadAsync(cancellationToken).ConfigureAwait(false);
        var complete = SingleReading || Groups.All(g => g.HasEarlier);
        var far = !complete && !Continuous && Interval.TimeSpan > LongestWait;
        complete |= far;
        await PostAsync(complete ? WriteAll : Report, cancellationToken).ConfigureAwait(false);
        if (far)
            await PostAsync(
                    () =>
                        WriteWarning($"CpuPercent is empty: a second reading would be due in {Interval}. Use -Continuous to wait for it."),
                    cancellationToken
                )
                .ConfigureAwait(false);
        if (complete && !Continuous)
            return;

        var due = Interval.TimeSpan;
        while (Continuous ? !Groups.All(g => g.IsOver) : Groups.Any(g => g.Round.Stats.Count > 0))
        {
            await WaitAsync(due - clock.Elapsed, cancellationToken).ConfigureAwait(false);
            // A slow consumer gets fewer readings instead of old ones.
            due = Max(due, clock.Elapsed) + Interval.TimeSpan;
            if (!Continuous)
            {
                await ReadAsync(cancellationToken).ConfigureAwait(false);
                await PostAsync(WriteAll, cancellationToken).ConfigureAwait(false);
                return;
            }

            var before = Interruption;
            if (await TryReadAsync(cancellationToken).ConfigureAwait(false))
            {
                if (before is not null)
                    await PostAsync(() => WriteWarning("The daemon answers again."), cancellationToken).ConfigureAwait(false);
                await PostAsync(WriteAll, cancellationToken).ConfigureAwait(false);
            }
            else if (before is null)
            {
                await PostAsync(() => WriteWarning(Interruption!), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void WriteAll()
    {
        Report();
        foreach (var stats in Groups.SelectMany(g => g.Round.Stats))
            WriteObject(stats);
    }

    /// <summary>Writes one error for each task that could not be read. A task that ends while it is watched is not an error.</summary>
    private void Report()
    {
        foreach (var group in Groups)
        {
            foreach (var (id, failure) in group.Round.Failures)
            {
                if (!_reported.Add((group, id)))
                    continue;
                if (Continuous && _seen.Contains((group, id)))
                    WriteVerbose(failure.Message);
                else
                    Try(group.TargetOf(id), () => throw failure, SessionLabelOf(group));
            }

            _seen.UnionWith(group.Round.Stats.Select(s => (group, s.ContainerId)));
        }
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
