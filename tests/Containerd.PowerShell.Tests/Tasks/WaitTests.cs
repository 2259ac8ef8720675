using System.Diagnostics;
using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Tasks;

/// <summary>Wait-CtrTask.</summary>
public sealed class WaitTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public async Task A_wait_for_many_gives_each_exit_once()
    {
        string[] ids = [.. Enumerable.Range(1, 5).Select(n => $"{Id}-{n}")];
        for (var n = 0; n < ids.Length; n++)
            Engine.Require($"New-CtrContainer {ids[n]} -Image {Busybox} -- sh -c 'exit {n}' | Start-CtrTask");
        var exits = Engine
            .Require($"Get-CtrTask {Id}-* | Wait-CtrTask")
            .Select(e => (CtrExit)e.BaseObject)
            .OrderBy(e => e.ContainerId, StringComparer.Ordinal)
            .ToList();
        Assert.Equal(ids, exits.Select(e => e.ContainerId));
        Assert.Equal([0, 1, 2, 3, 4], exits.Select(e => e.ExitCode!.Value));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_timed_out_wait_is_one_error_for_each_running_task_and_does_not_affect_them()
    {
        await StartAsync(Idle, $"{Id}-a");
        await StartAsync("-- true", $"{Id}-b");
        await StartAsync(Idle, $"{Id}-c");
        var clock = Stopwatch.StartNew();
        var done = Engine.Invoke($"Wait-CtrTask {Id}-a, {Id}-b, {Id}-c -Timeout 1s");
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.9, 6);
        Assert.Equal($"{Id}-b", Assert.Single(done.Of<CtrExit>()).ContainerId);
        Assert.Equal(2, done.Errors.Count);
        Assert.All(done.Errors, e => AssertError(e, ErrorIds.WaitTimedOut, "WaitCtrTask", ErrorCategory.OperationTimeout));
        Assert.Equal([$"{Id}-a", $"{Id}-c"], done.Errors.Select(e => e.TargetObject.ToString()).Order(StringComparer.Ordinal));
        Assert.Equal(CtrStatus.Running, Status($"{Id}-a"));
    }

    [Fact]
    public async Task Any_returns_the_first_exit_whatever_the_errors_of_others()
    {
        await StartAsync(Idle, $"{Id}-a");
        await StartAsync(Graceful, $"{Id}-b");
        var waiting = Engine.Start($"Wait-CtrTask {Id}-a, {Id}-none, {Id}-b -Any");
        await Eventually.TrueAsync(() => waiting.Streams.Error.Count == 1);
        await DaemonFixture.CtrAsync("tasks", "kill", $"{Id}-b");
        var done = waiting.Wait();
        Assert.Equal(($"{Id}-b", 7), Assert.Single(done.Of<CtrExit>()) is var exit ? (exit.ContainerId, exit.ExitCode) : default);
        AssertError(done.Error, ErrorIds.ContainerNotFound, "WaitCtrTask", ErrorCategory.ObjectNotFound, $"{Id}-none");
        Assert.Equal(CtrStatus.Running, Status($"{Id}-a"));
        AssertError(
            Engine.Invoke($"Wait-CtrTask {Id}-a -Any -Timeout 200ms").Error,
            ErrorIds.WaitTimedOut,
            "WaitCtrTask",
            ErrorCategory.OperationTimeout,
            $"{Id}-a"
        );
    }

    [Fact]
    public async Task Ctrl_C_ends_a_wait_and_does_not_affect_the_task()
    {
        await StartAsync();
        var waiting = Engine.Start($"'begun'; Wait-CtrTask {Id}");
        await Eventually.TrueAsync(() => waiting.Output.Count == 1);
        var clock = Stopwatch.StartNew();
        await waiting.StopAsync();
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2), $"{clock.Elapsed}");
        Assert.IsType<PipelineStoppedException>(waiting.Wait().Exception);
        Assert.Equal(CtrStatus.Running, Status());
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_wait_and_a_session_survive_a_restart_of_the_daemon(string suite)
    {
        await using var fixture = await DaemonFixture.StartAsync(suite, "runc");
        using var engine = fixture.Open();
        engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} -- sh -c 'trap \"exit 9\" TERM; echo ready; while :; do sleep 1 & wait $!; done' | Start-CtrTask"
        );
        await Eventually.TrueAsync(() => engine.Require($"Get-CtrLog {Id}").Count == 1);
        var pid = engine.Require<int>($"(Get-CtrDaemon {fixture.Daemon.Daemon.Name}).Pid");
        using var other = fixture.Open();
        // The exit of the short task shows that the wait for the other one has started.
        other.Require($"New-CtrContainer {Id}-soon -Image {Busybox} -- sleep 1 | Start-CtrTask");
        var waiting = other.Start($"Wait-CtrTask {Id}, {Id}-soon");
        await Eventually.TrueAsync(() => waiting.Output.Count == 1);
        Process.GetProcessById(pid).Kill();
        await Eventually.TrueAsync(
            () =>
                engine
                    .Invoke($"Get-CtrDaemon {fixture.Daemon.Daemon.Name} | Where-Object {{ $_.State -eq 'Running' -and $_.Pid -ne {pid} }}")
                    .Output.Count == 1,
            TimeSpan.FromSeconds(40)
        );
        await Eventually.TrueAsync(() => engine.Invoke($"Get-CtrTask {Id}").Output.Count == 1, TimeSpan.FromSeconds(40));
        Assert.False(waiting.IsCompleted);
        Assert.Equal(["alive"], engine.Require($"Invoke-CtrExec {Id} -- echo alive").Select(l => l.ToString()));
        Assert.Equal(9, engine.Require<CtrExit>($"Stop-CtrTask {Id}").ExitCode);
        var exits = waiting.Wait();
        Assert.Empty(exits.Errors);
        Assert.Equal([0, 9], exits.Of<CtrExit>().Select(e => e.ExitCode!.Value));
        Assert.Equal(["ready"], engine.Require($"Get-CtrLog {Id}").Select(l => l.ToString()));
        engine.Require($"Remove-CtrContainer {Id}, {Id}-soon");
        Assert.Empty(await fixture.LeftAsync());
    }
}
