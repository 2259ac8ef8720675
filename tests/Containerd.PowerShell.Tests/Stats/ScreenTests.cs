using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Stats;

/// <summary>Show-CtrStats on a terminal: a real one, of a terminal multiplexer.</summary>
public sealed class ScreenTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public async Task It_redraws_in_place_fits_the_window_and_restores_the_terminal()
    {
        await StartAsync(StatsTests.Busy, options: "-Cpu 0.2 -Memory 64m");
        await using var terminal = await Terminal.OpenAsync(100, 20);
        await terminal.RunAsync(
            $"Connect-CtrSession '{DaemonFixture.Daemon.Address}' -Namespace {DaemonFixture.Namespace} | Out-Null; Show-CtrStats '{Id}*' -Interval 300ms; 'left'"
        );
        await terminal.ShowsAsync(text =>
            text.Contains(Id, StringComparison.Ordinal)
            && text.Contains("% ", StringComparison.Ordinal)
            && text.Contains("BLOCK RD / WR", StringComparison.Ordinal)
        );
        var first = await terminal.TextAsync();
        Assert.Matches(@"^\d\d:\d\d:\d\d  tasks 1 ", first);
        Assert.False(await terminal.CursorAsync());
        await terminal.ShowsAsync(text => text.Split('\n')[0] != first.Split('\n')[0] && text.Contains("CPU", StringComparison.Ordinal));
        await terminal.ResizeAsync(50, 10);
        await terminal.ShowsAsync(text =>
            text.Contains("CONTAINER", StringComparison.Ordinal) && !text.Contains("BLOCK", StringComparison.Ordinal)
        );
        Assert.Equal(3, (await terminal.TextAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        await terminal.TypeAsync("xq");
        await terminal.ShowsAsync(text => text.Contains("\nleft", StringComparison.Ordinal));
        await terminal.CursorReturnsAsync();
        await SameSettingsAsync(terminal);
    }

    [Theory]
    [InlineData("C.UTF-8", "▁▂▃▄▅▆▇█", "_.:-=+*#")]
    [InlineData("C", "_.:-=+*#", "▁▂▃▄▅▆▇█")]
    public async Task A_wide_window_shows_the_last_minute_as_graphs_that_grow(string locale, string characters, string others)
    {
        await StartAsync(StatsTests.Busy, options: "-Cpu 0.2 -Memory 64m");
        await using var terminal = await Terminal.OpenAsync(150, 20);
        await terminal.RunAsync(
            $"$env:LC_ALL = '{locale}'; Connect-CtrSession '{DaemonFixture.Daemon.Address}' -Namespace {DaemonFixture.Namespace} | Out-Null; Show-CtrStats '{Id}*' -Interval 300ms; 'left'"
        );
        // A minute has 30 parts at this width; one has a character when a reading is in it.
        await terminal.ShowsAsync(text =>
            text.Contains("CPU 1 MIN", StringComparison.Ordinal)
            && text.Contains("MEM 1 MIN", StringComparison.Ordinal)
            && Graph(text) is { Length: >= 2 }
        );
        var graph = Graph(await terminal.TextAsync())!;
        Assert.All(graph, character => Assert.Contains(character, characters));
        Assert.DoesNotContain(graph, character => others.Contains(character, StringComparison.Ordinal));
        // A narrow window has the figures only.
        await terminal.ResizeAsync(100, 20);
        await terminal.ShowsAsync(text =>
            text.Contains("BLOCK RD / WR", StringComparison.Ordinal) && !text.Contains("1 MIN", StringComparison.Ordinal)
        );
        await terminal.TypeAsync("q");
        await terminal.ShowsAsync(text => text.Contains("\nleft", StringComparison.Ordinal));

        // What follows the first percentage, up to the memory.
        string? Graph(string text) =>
            text.Split('\n')
                .FirstOrDefault(line => line.StartsWith(Id, StringComparison.Ordinal))
                ?.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                is { Length: > 2 } words
            && words[1].EndsWith('%')
                ? words[2]
                : null;
    }

    [Fact]
    public void A_graph_has_the_highest_reading_of_each_part_of_the_last_minute()
    {
        // The classes are the module's own.
        var shown = Engine
            .Require(
                """
                $assembly = (Get-Command Show-CtrStats).ImplementingType.Assembly
                $history = [Activator]::CreateInstance($assembly.GetType('Containerd.PowerShell.StatsHistory'), $true)
                $flags = [Reflection.BindingFlags]'NonPublic, Instance, Static'
                function Add($Second, $Cpu) {
                    $script:last = [Containerd.CtrStats]@{ ContainerId = 'web'; Namespace = 'n'; Timestamp = ([datetime]'2026-11-22T13:00:00').AddSeconds($Second); CpuPercent = $Cpu }
                    $null = $history.GetType().GetMethod('Add', $flags).Invoke($history, @(, [Containerd.CtrStats[]]@($last)))
                }
                Add 0 100; Add 30 50; Add 61 10; Add 70 40; Add 90 100; Add 90 0
                $cells = $history.GetType().GetMethod('Of', $flags).Invoke($history, @($last, [Func[Containerd.CtrStats, Nullable[double]]] { param($s) $s.CpuPercent }, 6))
                $graph = $assembly.GetType('Containerd.PowerShell.GraphText').GetMethod('Draw', $flags)
                $graph.Invoke($null, @([object]$cells, 100.0, $true))
                $graph.Invoke($null, @([object]$cells, 100.0, $false))
                """
            )
            .Select(line => line.ToString())
            .ToArray();
        Assert.Equal(["   ▄ █", "   - #"], shown);
    }

    [Fact]
    public async Task The_order_is_the_requested_one()
    {
        var (busy, holder) = ($"{Id}-b", $"{Id}-a");
        await StartAsync("-- sh -c 'while :; do :; done'", busy, "-Cpu 0.2");
        await StartAsync("-- sh -c 'head -c 31457280 /dev/zero > /dev/shm/x; echo ready; sleep 1000'", holder);
        await using var terminal = await Terminal.OpenAsync(100, 20);
        foreach (var (order, first) in new[] { ("Cpu", busy), ("Memory", holder), ("Name", holder) })
        {
            var second = first == busy ? holder : busy;
            await terminal.RunAsync(
                $"Connect-CtrSession '{DaemonFixture.Daemon.Address}' -Namespace {DaemonFixture.Namespace} | Out-Null; Show-CtrStats '{Id}*' -SortBy {order} -Interval 400ms; 'left'"
            );
            await terminal.ShowsAsync(text =>
                text.IndexOf(first, StringComparison.Ordinal) is > 0 and var at
                && text.IndexOf(second, at, StringComparison.Ordinal) > at
                && text.Contains("% ", StringComparison.Ordinal)
            );
            await terminal.TypeAsync("q");
            await terminal.ShowsAsync(text => text.Contains("\nleft", StringComparison.Ordinal));
            await terminal.EndsAsync();
        }

        Assert.Equal(
            ["BlockIO", "Cpu", "Memory", "Name", "Network", "Pids"],
            Engine.Complete("Show-CtrStats -SortBy ").Select(c => c.CompletionText)
        );
    }

    [Fact]
    public async Task Ctrl_C_and_the_end_of_the_last_named_task_end_it()
    {
        await StartAsync();
        await using var terminal = await Terminal.OpenAsync(80, 20);
        await terminal.RunAsync(
            $"Connect-CtrSession '{DaemonFixture.Daemon.Address}' -Namespace {DaemonFixture.Namespace} | Out-Null; try {{ Show-CtrStats {Id} }} finally {{ [Console]::WriteLine('left') }}"
        );
        await terminal.ShowsAsync(text => text.Contains(Id, StringComparison.Ordinal));
        await terminal.TypeAsync("C-c");
        await terminal.ShowsAsync(text => text.Contains("\nleft", StringComparison.Ordinal));
        await terminal.CursorReturnsAsync();
        await SameSettingsAsync(terminal);

        await terminal.RunAsync(
            $"Connect-CtrSession '{DaemonFixture.Daemon.Address}' -Namespace {DaemonFixture.Namespace} | Out-Null; Show-CtrStats {Id} -Interval 200ms; 'left'"
        );
        await terminal.ShowsAsync(text => text.Contains(Id, StringComparison.Ordinal));
        Engine.Require($"Stop-CtrTask {Id} -Force");
        await terminal.ShowsAsync(text =>
            text.Contains("\nleft", StringComparison.Ordinal) && text.Contains("is not running", StringComparison.Ordinal)
        );
        await terminal.CursorReturnsAsync();
    }

    [Fact]
    public async Task SIGTERM_restores_the_terminal()
    {
        await StartAsync();
        await using var terminal = await Terminal.OpenAsync(80, 20);
        await terminal.RunAsync(
            $"Connect-CtrSession '{DaemonFixture.Daemon.Address}' -Namespace {DaemonFixture.Namespace} | Out-Null; Show-CtrStats {Id}"
        );
        await terminal.ShowsAsync(text => text.Contains(Id, StringComparison.Ordinal));
        Assert.False(await terminal.CursorAsync());
        await Shell.RunAsync("kill", "-TERM", $"{await terminal.ProcessAsync()}");
        await terminal.EndsAsync();
        await terminal.CursorReturnsAsync();
        await SameSettingsAsync(terminal);
    }

    [Fact]
    public async Task With_piped_output_it_names_the_alternative()
    {
        var run = await HostProcess.RunAsync(
            $"Connect-CtrSession '{DaemonFixture.Daemon.Address}' | Out-Null; try {{ Show-CtrStats }} catch {{ Say id $_.FullyQualifiedErrorId; Say remedy $_.ErrorDetails.RecommendedAction }}".Replace(
                "| Out-Null",
                "> $null",
                StringComparison.Ordinal
            )
        );
        Assert.Equal("NoTerminal,Containerd.PowerShell.ShowCtrStatsCommand", run["id"]);
        Assert.Contains("Get-CtrStats -Continuous", run["remedy"], StringComparison.Ordinal);
    }

    private static async Task SameSettingsAsync(Terminal terminal)
    {
        var (before, after) = await terminal.SettingsAsync();
        Assert.Equal(before, after);
    }
}
