using System.Diagnostics;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Session;

/// <summary>
/// A daemon or a shim that is stopped: every command ends in time, names who is silent, and leaves nothing behind when it is back.
/// </summary>
[Collection(Alone.Name)]
public sealed class DeadlineTests : IAsyncLifetime
{
    // What a command may take beyond its time on a busy machine.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(2);

    private PrivateDaemon _daemon = null!;
    private Engine _engine = null!;

    public async ValueTask InitializeAsync()
    {
        _daemon = await PrivateDaemon.StartAsync();
        _engine = new Engine();
        var image = await TestImages.BusyboxTarAsync();
        _engine.Require(
            $"$null = Connect-CtrSession {_daemon.Address} -Namespace {_daemon.Namespace} -OperationTimeout 3s; $null = Import-CtrImage '{image}'; "
                + "$null = New-CtrContainer web -Image busybox:test -- sleep 1000; $null = Start-CtrTask web; $null = New-CtrContainer idle -Image busybox:test -- sleep 1000"
        );
    }

    public async ValueTask DisposeAsync()
    {
        await Shell.RunAsync("kill", "-CONT", $"{_daemon.Daemon.Pid}");
        _engine.Invoke("Get-CtrContainer | Remove-CtrContainer -Force; Disconnect-CtrSession");
        _engine.Dispose();
        await _daemon.DisposeAsync();
    }

    [Fact]
    public async Task A_stopped_daemon_is_reported_by_every_command_and_afterwards_everything_works_again()
    {
        await Shell.FreezeAsync(_daemon.Daemon.Pid);
        foreach (
            var (command, seconds) in new[]
            {
                ("Get-CtrTask", 5.0),
                ("Start-CtrTask idle", 2.5),
                ("Remove-CtrContainer idle -Force", 2.5),
                ("Get-CtrImage", 2.5),
                ("Invoke-CtrExec web -Timeout 1s -- true", 1.5),
                ("Wait-CtrTask web -Timeout 1s", 1.5),
            }
        )
        {
            var clock = Stopwatch.StartNew();
            var done = _engine.Invoke(command);
            Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(seconds) + Slack);
            Assert.StartsWith("DaemonTimedOut,", done.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.IsType<CtrTimeoutException>(done.Error.Exception);
            Assert.Contains(_daemon.Address, done.Error.Exception.Message, StringComparison.Ordinal);
        }

        await Shell.RunAsync("kill", "-CONT", $"{_daemon.Daemon.Pid}");
        // The session is as good as before, and nothing was carried out that should not have been.
        await Eventually.TrueAsync(() => _engine.Invoke("(Get-CtrTask).ContainerId -join ','").Output is [{ BaseObject: "web" }]);
        Assert.Equal("idle,web", _engine.Require("(Get-CtrContainer).ContainerId -join ','").Single().ToString());
        Assert.Equal("up", _engine.Require("Invoke-CtrExec web -- echo up").Single().ToString());
    }

    [Fact]
    public async Task A_wait_and_a_daemon_with_the_default_timeout_end_within_30_seconds()
    {
        using var other = new Engine();
        other.Require($"$null = Connect-CtrSession {_daemon.Address} -Namespace {_daemon.Namespace}");
        var waiting = other.Start("Wait-CtrTask web -Verbose");
        await Eventually.TrueAsync(() => waiting.Streams.Verbose.Count > 0);
        // So that the wait itself is under way; before it, its first question would not be answered either.
        await Task.Delay(500, TestContext.Current.CancellationToken);
        using var reader = new Engine();
        reader.Require($"$null = Connect-CtrSession {_daemon.Address} -Namespace {_daemon.Namespace}");
        await Shell.FreezeAsync(_daemon.Daemon.Pid);
        var clock = Stopwatch.StartNew();
        var reading = reader.Start("Get-CtrTask");
        var waited = waiting.Wait();
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30) + Slack);
        var read = reading.Wait();
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30) + Slack);
        Assert.StartsWith("DaemonTimedOut,", waited.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.StartsWith("DaemonTimedOut,", read.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        await Shell.RunAsync("kill", "-CONT", $"{_daemon.Daemon.Pid}");
        other.Require("Disconnect-CtrSession");
        reader.Require("Disconnect-CtrSession");
    }

    [Fact]
    public async Task A_stopped_shim_is_named_and_the_timeout_of_an_exec_limits_the_command()
    {
        var task = _engine.Require<CtrTask>("Get-CtrTask web");
        var shim = ParentOf(task.Pid);
        await Shell.FreezeAsync(shim);
        try
        {
            var clock = Stopwatch.StartNew();
            var done = _engine.Invoke("Invoke-CtrExec web -Timeout 1s -- true");
            Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(1.5) + Slack);
            Assert.StartsWith("ProcessTimedOut,", done.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Contains("the shim of container 'web'", done.Error.Exception.Message, StringComparison.Ordinal);

            clock.Restart();
            done = _engine.Invoke("Stop-CtrTask web -Timeout 1s");
            Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
            Assert.StartsWith("ShimTimedOut,", done.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Matches(
                "^The shim of container 'web' did not answer .*The daemon may still carry out the call\\.$",
                done.Error.Exception.Message
            );
        }
        finally
        {
            await Shell.RunAsync("kill", "-CONT", $"{shim}");
        }

        // The canceled exec does not exist, and the signal arrived late.
        await Eventually.TrueAsync(() => _engine.Invoke("(Get-CtrTask web).Status; @(Get-CtrProcess web).Count").Errors.Count == 0);
        _engine.Require("Stop-CtrTask web -Force");
    }

    [Fact]
    public void No_limit_is_minus_one_and_zero_is_rejected()
    {
        using var other = new Engine();
        Assert.Equal(
            "InvalidDuration,Containerd.PowerShell.ConnectCtrSessionCommand",
            other.Invoke($"Connect-CtrSession {_daemon.Address} -OperationTimeout 0").Error.FullyQualifiedErrorId
        );
        other.Require($"$null = Connect-CtrSession {_daemon.Address} -Namespace {_daemon.Namespace} -OperationTimeout -1");
        Assert.Equal("up", other.Require("Invoke-CtrExec web -Timeout -1 -- sh -c 'sleep 1; echo up'").Single().ToString());
        other.Require("Disconnect-CtrSession");
    }

    [Fact]
    public async Task A_hook_that_takes_longer_than_the_timeout_is_not_interrupted_and_its_start_is_undone()
    {
        var hooks =
            "$spec = New-CtrSpec hooked -Image busybox:test -- true; $spec.Hooks = @{ createRuntime = @(@{ path = '/bin/sleep'; args = @('sleep', '5') }) }";
        // Longer than the operation timeout of 3 seconds.
        _engine.Require(
            $"{hooks}; $null = New-CtrContainer hooked -Image busybox:test -Spec $spec; $null = Start-CtrTask hooked -NoLog; $null = Wait-CtrTask hooked -Timeout 60; Remove-CtrContainer hooked -Force"
        );

        var clock = Stopwatch.StartNew();
        var done = _engine.Invoke($"{hooks}; Invoke-CtrContainer busybox:test -Id late -Spec $spec -Timeout 2s");
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(1.9), TimeSpan.FromSeconds(2.5) + Slack);
        Assert.StartsWith("ProcessTimedOut,", done.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        // A new run under the same id waits for the clean-up of the first one.
        Assert.Equal("again", _engine.Require("Invoke-CtrContainer busybox:test -Id late -- echo again").Single().ToString());
        // The hook ends by itself; then everything that was made for the command is removed.
        await Eventually.TrueAsync(
            () => _engine.Invoke("@(Get-CtrContainer late*).Count").Output is [{ BaseObject: 0 }],
            TimeSpan.FromSeconds(60)
        );
        Assert.DoesNotContain("late", await _daemon.CtrAsync("snapshots", "list"), StringComparison.Ordinal);
        Assert.DoesNotContain("late", await _daemon.CtrAsync("tasks", "list"), StringComparison.Ordinal);
    }

    private static int ParentOf(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
