using System.Diagnostics;
using System.Management.Automation;
using System.Runtime.InteropServices;
using Containerd.Host;
using Containerd.Host.Terminals;

namespace Containerd.PowerShell;

/// <summary>Shows the resource usage of tasks as a live table, the busiest first, like top.</summary>
[Cmdlet(VerbsCommon.Show, "CtrStats", DefaultParameterSetName = ContainerCmdlet.ById)]
public sealed class ShowCtrStatsCommand : StatsCmdlet
{
    private readonly StatsHistory _history = new();

    /// <summary>
    /// Specifies which tasks come first: those with the highest Cpu, Memory, Pids, Network or BlockIO, or Name for alphabetical order. The
    /// default is Cpu.
    /// </summary>
    [Parameter]
    [PSDefaultValue(Help = "Cpu")]
    public CtrStatsOrder SortBy { get; set; }

    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (TerminalScreen.IsAvailable && ConsoleAccess.IsSeen(this))
            return;
        ThrowTerminatingError(
            ErrorRecords.From(
                new CtrNotSupportedException("Show-CtrStats requires a terminal, which is not available.")
                {
                    ErrorId = ErrorIds.NoTerminal,
                    Remedy = "Get-CtrStats -Continuous returns the same figures as objects.",
                },
                null
            )
        );
    }

    protected override void EndProcessing()
    {
        if (Groups.Count > 0)
            Try(null, () => Await(RunAsync));
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken).ConfigureAwait(false);
        if (Groups.All(g => g.IsOver))
        {
            await PostAsync(ReportAll, cancellationToken).ConfigureAwait(false);
            return;
        }

        using var screen = new TerminalScreen();
        var resized = new SemaphoreSlim(0);
        using var watch = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => resized.Release());
        var clock = Stopwatch.StartNew();
        while (true)
        {
            Draw(screen);
            if (Groups.All(g => g.IsOver))
                return;
            while (Interval.TimeSpan - clock.Elapsed is var rest && rest > TimeSpan.Zero)
            {
                var change = resized.WaitAsync(LongTime.Step(rest), cancellationToken);
                await Task.WhenAny(change, screen.Quit).ConfigureAwait(false);
                if (screen.Quit.IsCompleted)
                    return;
                if (await change.ConfigureAwait(false))
                    Draw(screen);
            }

            clock.Restart();
            await TryReadAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void Draw(TerminalScreen screen)
    {
        var stats = Groups.SelectMany(g => g.Round.Stats).ToList();
        _history.Add(stats);
        var failures = Groups
            .SelectMany(g => g.Round.Failures)
            .GroupBy(f => f.Key, StringComparer.Ordinal)
            .ToDictionary(f => f.Key, f => f.First().Value.Message);
        var sessions = string.Join(", ", Groups.Select(g => g.NamespaceLabel).Distinct(StringComparer.Ordinal));
        var (width, height) = TerminalScreen.Size;
        screen.Draw(StatsScreen.Draw(stats, failures, _history, sessions, SortBy, width, height, Interruption), emphasized: 1);
    }

    private void ReportAll()
    {
        foreach (var group in Groups)
        {
            foreach (var (id, failure) in group.Round.Failures)
                Try(group.TargetOf(id), () => throw failure, SessionLabelOf(group));
        }
    }
}
