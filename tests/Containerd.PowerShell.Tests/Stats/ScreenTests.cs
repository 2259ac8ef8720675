using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Stats;

/// <summary>Show-CtrStats on a terminal: a real one, of a terminal multiplexer.</summary>
public sealed class ScreenTests(Scenes scenes) : LifecycleTest(scenes)
{
    [Fact]
    public async Task It_redraws_in_place_fits_the_window_and_leaves_the_terminal_as_it_was()
    {
        await StartAsync(StatsTests.Busy, options: "-Cpu 0.2 -Memory 64m");
        await using var terminal = await Terminal.OpenAsync(100, 20);
        await terminal.RunAsync($"Connect-CtrSession '{Scene.Daemon.Address}' -Namespace {Scene.Namespace} | Out-Null; Show-CtrStats '{Id}*' -Interval 300ms; 'left'");
        await terminal.ShowsAsync(text => text.Contains(Id, StringComparison.Ordinal) && text.Contains("% ", StringComparison.Ordinal) && text.Contains("BLOCK RD / WR", StringComparison.Ordinal));
        var first = await terminal.TextAsync();
        Assert.Matches(@"^\d\d:\d\d:\d\d  tasks 1 ", first);
        Assert.False(await terminal.CursorAsync());
        await terminal.ShowsAsync(text => text.Split('\n')[0] != first.Split('\n')[0] && text.Contains("CPU", StringComparison.Ordinal));
        await terminal.ResizeAsync(50, 10);
        await terminal.ShowsAsync(text => text.Contains("CONTAINER", StringComparison.Ordinal) && !text.Contains("BLOCK", StringComparison.Ordinal));
        Assert.Equal(3, (await terminal.TextAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        await terminal.TypeAsync("xq");
        await terminal.ShowsAsync(text => text.Contains("\nleft", StringComparison.Ordinal));
        await terminal.CursorReturnsAsync();
        await terminal.SameSettingsAsync();
    }

    [Fact]
    public async Task Ctrl_C_and_the_end_of_the_last_named_task_end_it()
    {
        await StartAsync();
        await using var terminal = await Terminal.OpenAsync(80, 20);
        await terminal.RunAsync($"Connect-CtrSession '{Scene.Daemon.Address}' -Namespace {Scene.Namespace} | Out-Null; try {{ Show-CtrStats {Id} }} finally {{ [Console]::WriteLine('left') }}");
        await terminal.ShowsAsync(text => text.Contains(Id, StringComparison.Ordinal));
        await terminal.TypeAsync("C-c");
        await terminal.ShowsAsync(text => text.Contains("\nleft", StringComparison.Ordinal));
        await terminal.CursorReturnsAsync();
        await terminal.SameSettingsAsync();

        await terminal.RunAsync($"Connect-CtrSession '{Scene.Daemon.Address}' -Namespace {Scene.Namespace} | Out-Null; Show-CtrStats {Id} -Interval 200ms; 'left'");
        await terminal.ShowsAsync(text => text.Contains(Id, StringComparison.Ordinal));
        Engine.Require($"Stop-CtrTask {Id} -Force");
        await terminal.ShowsAsync(text => text.Contains("\nleft", StringComparison.Ordinal) && text.Contains("is not running", StringComparison.Ordinal));
        await terminal.CursorReturnsAsync();
    }

    [Fact]
    public async Task SIGTERM_gives_the_terminal_back()
    {
        await StartAsync();
        await using var terminal = await Terminal.OpenAsync(80, 20);
        await terminal.RunAsync($"Connect-CtrSession '{Scene.Daemon.Address}' -Namespace {Scene.Namespace} | Out-Null; [IO.File]::WriteAllText('{terminal.Folder}/pid', $PID); Show-CtrStats {Id}");
        await terminal.ShowsAsync(text => text.Contains(Id, StringComparison.Ordinal));
        Assert.False(await terminal.CursorAsync());
        await Shell.RunAsync("kill", "-TERM", await File.ReadAllTextAsync($"{terminal.Folder}/pid"));
        await terminal.EndsAsync();
        await terminal.CursorReturnsAsync();
        await terminal.SameSettingsAsync();
    }

    [Fact]
    public async Task Where_output_goes_into_a_pipe_it_says_what_to_use_instead()
    {
        var run = await HostProcess.RunAsync($"Connect-CtrSession '{Scene.Daemon.Address}' | Out-Null; try {{ Show-CtrStats }} catch {{ Say id $_.FullyQualifiedErrorId; Say remedy $_.ErrorDetails.RecommendedAction }}".Replace("| Out-Null", "> $null", StringComparison.Ordinal));
        Assert.Equal("NoTerminal,Containerd.PowerShell.ShowCtrStatsCommand", run["id"]);
        Assert.Contains("Get-CtrStats -Continuous", run["remedy"], StringComparison.Ordinal);
    }
}
