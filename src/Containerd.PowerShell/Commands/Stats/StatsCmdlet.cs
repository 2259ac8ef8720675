using System.Diagnostics;
using System.Management.Automation;
using Containerd.Client;
using Containerd.Host;

namespace Containerd.PowerShell;

/// <summary>A cmdlet that reads the resource usage of tasks: it collects its input, because one call can read all tasks.</summary>
public abstract class StatsCmdlet : ContainerFilterCmdlet
{
    /// <summary>The shortest time for a meaningful processor time: quotas of the scheduler use periods of 100 ms.</summary>
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan RestartPatience = TimeSpan.FromMinutes(1);

    private readonly Dictionary<NamespaceClient, StatsGroup> _groups = [];
    private Stopwatch? _lost;

    /// <summary>The reason why no data is available now; null if the daemon responds.</summary>
    private protected string? Interruption { get; private set; }

    /// <summary>
    /// Specifies the time between two readings: 2 (seconds), 500ms, 1m. The default is one second. Without -Continuous, Get-CtrStats waits
    /// at most one day, and then returns one reading without CpuPercent.
    /// </summary>
    [Parameter]
    [PSDefaultValue(Help = "1s")]
    [SingleValue("1.5s")]
    public CtrDuration Interval { get; set; } = new(1);

    internal IReadOnlyCollection<StatsGroup> Groups => _groups.Values;

    protected override void BeginProcessing()
    {
        if (Interval.TimeSpan >= ShortestInterval)
            return;
        if (Interval.IsUnlimited)
            ThrowTerminatingError(
                ErrorRecords.From(
                    new CtrArgumentException("An unlimited interval has no second reading.")
                    {
                        ErrorId = ErrorIds.InvalidDuration,
                        Remedy = "Use a time such as 1s, or -SingleReading.",
                    },
                    Interval
                )
            );
        ThrowTerminatingError(
            ErrorRecords.From(
                new CtrArgumentException($"An interval of {Interval} is too short: the kernel counts processor time in steps.")
                {
                    ErrorId = ErrorIds.IntervalTooShort,
                    Remedy = "Use 100ms or more.",
                },
                Interval
            )
        );
    }

    protected override void ProcessRecord()
    {
        if (ParameterSetName != ContainerCmdlet.ById)
        {
            foreach (var item in Objects)
                TryPerSession(item, () => Group(Resolve(item)).Add(item));
            return;
        }

        foreach (var id in Id)
        {
            TryPerSession(id, () =>
            {
                var ns = Resolve();
                if (WildcardPattern.ContainsWildcardCharacters(id))
                    Group(ns).Patterns.Add(new ContainerPattern(id));
                else
                    Group(ns).Add(ContainerIdOf(ns, id), id);
            });
        }
    }

    /// <summary>Reads every group once.</summary>
    internal async Task ReadAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(Groups.Select(g => g.ReadAsync(cancellationToken))).ConfigureAwait(false);

    /// <summary>Reads every group once. A restart of the daemon is tolerated for a minute, during which no data is available.</summary>
    /// <returns>Whether data was available.</returns>
    internal async Task<bool> TryReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ReadAsync(cancellationToken).ConfigureAwait(false);
            _lost = null;
            Interruption = null;
            return true;
        }
        catch (CtrConnectionException e)
            when (e.ErrorId != ErrorIds.SessionClosed && (_lost ??= Stopwatch.StartNew()).Elapsed < RestartPatience)
        {
            Interruption ??= $"{e.Message} Waiting for up to {new CtrDuration(RestartPatience)} until it answers again.";
            return false;
        }
    }

    /// <summary>Waits; the time may be zero or negative.</summary>
    internal static Task WaitAsync(TimeSpan time, CancellationToken cancellationToken) => LongTime.DelayAsync(time, cancellationToken);

    /// <summary>The session for error messages; null if there is only one.</summary>
    private protected string? SessionLabelOf(StatsGroup group) => Session.Length > 1 ? group.Session.Name : null;

    private StatsGroup Group(NamespaceClient ns)
    {
        if (!_groups.TryGetValue(ns, out var group))
            _groups.Add(ns, group = new StatsGroup(ns));
        return group;
    }
}
