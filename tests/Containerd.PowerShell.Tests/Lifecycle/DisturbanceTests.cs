using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Lifecycle;

/// <summary>Things happen elsewhere while a cmdlet is at work: nothing hangs, and nothing stays.</summary>
public sealed class DisturbanceTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public async Task Many_runspaces_run_processes_side_by_side()
    {
        await StartAsync();
        var script =
            $"1..8 | ForEach-Object {{ $n = $_; $got = \"$PID-$n\", 'x' | Invoke-CtrExec {Id} -- cat; if (\"$got\" -ne \"$PID-$n x\") {{ throw \"got $got\" }} }}; 'done'";
        var engines = Enumerable.Range(0, 4).Select(_ => DaemonFixture.Open()).ToList();
        try
        {
            var running = engines.Select(e => e.Start(script)).ToList();
            foreach (var run in running)
            {
                var done = run.Wait();
                Assert.Null(done.Exception);
                Assert.Empty(done.Errors);
                Assert.Equal("done", Assert.Single(done.Output).ToString());
            }
        }
        finally
        {
            engines.ForEach(e => e.Dispose());
        }

        await DaemonFixture.AssertPipesGoAsync();
    }

    [Theory]
    [InlineData("bookworm", "create")]
    [InlineData("bookworm", "start")]
    [InlineData("sid", "create")]
    public async Task A_start_whose_daemon_stops_can_be_repeated_and_its_output_is_kept(string suite, string command)
    {
        await using var fixture = await DaemonFixture.StartAsync(suite, "runc");
        using var other = await LoseDaemonAsync(fixture, command, script => Engine.Start(script));
        await Eventually.TrueAsync(() =>
            other.Invoke($"Start-CtrTask {Id}").Errors
                is []
                    or [{ FullyQualifiedErrorId: "TaskExists,Containerd.PowerShell.StartCtrTaskCommand" }]
            && other.Invoke($"Get-CtrTask {Id}").Errors.Count == 0
        );
        await Eventually.TrueAsync(() => other.Require($"Get-CtrLog {Id}") is [.., var last] && last.ToString() == "told");
        other.Require($"Remove-CtrContainer {Id} -Force");
        Assert.Empty(await fixture.LeftAsync());
    }

    [Theory]
    [InlineData("Remove-CtrTask {0} -Force; Start-CtrTask {0}; Stop-CtrTask {0} -Force; Remove-CtrContainer {0}")]
    [InlineData("Remove-CtrContainer {0}")]
    public async Task An_orphaned_shim_is_reported_and_can_be_ended(string remedy)
    {
        // From 1.7 on a daemon ends it itself.
        await using var fixture = await DaemonFixture.StartAsync("bookworm", "runc");
        // A client that knows no better.
        using var other = await LoseDaemonAsync(fixture, "create", _ =>
        {
            Process
                .Start(
                    new ProcessStartInfo("ctr", ["-a", fixture.Daemon.SocketPath, "-n", fixture.Namespace, "tasks", "start", "-d", Id])
                    {
                        UseShellExecute = false,
                        RedirectStandardError = true,
                    }
                )!
                .Dispose();
            return null;
        });
        var refused = other.Invoke($"Start-CtrTask {Id}").Error;
        AssertError(refused, ErrorIds.TaskExists, "StartCtrTask", ErrorCategory.ResourceExists, Id);
        Assert.Contains($"Remove-CtrTask {Id} -Force", refused.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.NotEmpty((await Shell.RunAsync("pgrep", "-f", $"containerd-shim.*{Id}")).Trim());
        other.Require(string.Format(CultureInfo.InvariantCulture, remedy, Id));
        Assert.Empty(await fixture.LeftAsync());
        await Eventually.TrueAsync(() => Shell.TryAsync("pgrep", "-f", $"containerd-shim.*{Id}").Result.Code == 1);
    }

    /// <summary>
    /// Has a task started whose daemon is ended while the runtime is at one of its commands, and gives a session with the next one.
    /// </summary>
    private async Task<Engine> LoseDaemonAsync(DaemonFixture fixture, string command, Func<string, Running?> start)
    {
        Use(fixture);
        var slow = await SlowRuntimeAsync(command);
        Engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} -RuntimeOption @{{ BinaryName = '{slow}' }} -- sh -c 'echo told; exec sleep 1000'"
        );
        var starting = start($"Start-CtrTask {Id}");
        await Eventually.TrueAsync(() => File.Exists(slow + "-begun"));
        var other = fixture.Open();
        using (var containerd = Process.GetProcessById(other.Require<CtrInfo>("Get-CtrInfo").Pid!.Value))
            containerd.Kill();
        if (starting is not null)
            AssertError(starting.Wait().Error, ErrorIds.DaemonUnavailable, "StartCtrTask", ErrorCategory.ConnectionError);
        await File.WriteAllTextAsync(slow + "-go", "", TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => other.Invoke("Get-CtrVersion").Errors.Count == 0);
        return other;
    }

    [Theory]
    [InlineData("Remove-CtrContainer {0} -Force")]
    [InlineData("Remove-CtrTask {0} -Force")]
    [InlineData("Stop-CtrTask {0} -Force")]
    [InlineData("Send-CtrSignal {0} KILL")]
    public async Task An_exec_ends_with_its_container(string end)
    {
        await StartAsync();
        var exec = Engine.Start($"'in' | Invoke-CtrExec {Id} -- sh -c 'echo begun; exec sleep 783'; $LASTEXITCODE");
        await Eventually.TrueAsync(() => exec.Output.Count == 1);
        using var other = DaemonFixture.Open();
        other.Require(string.Format(CultureInfo.InvariantCulture, end, Id));
        await Eventually.TrueAsync(() => exec.IsCompleted);
        var done = exec.Wait();
        // With the whole task its shim goes, and may take the exit code along.
        Assert.Contains(done.Output[^1].BaseObject, new object[] { 137, -1 });
        AssertError(
            done.Error,
            done.Output[^1].BaseObject is 137 ? ErrorIds.ProcessExitedNonZero : ErrorIds.ExitCodeUnknown,
            "InvokeCtrExec",
            ErrorCategory.InvalidResult
        );
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Fact]
    public async Task An_exec_that_another_client_kills_ends_here_too()
    {
        await StartAsync();
        var exec = Engine.Start($"Invoke-CtrExec {Id} -ExecId victim -- sh -c 'echo begun; exec sleep 784'; $LASTEXITCODE");
        await Eventually.TrueAsync(() => exec.Output.Count == 1);
        await DaemonFixture.CtrAsync("tasks", "kill", "--exec-id", "victim", "--signal", "KILL", Id);
        Assert.Equal(["begun", 137], exec.Wait().Output.Select(o => o.BaseObject));
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task An_exec_and_its_streams_survive_a_restart_of_the_daemon(string suite)
    {
        await using var fixture = await DaemonFixture.StartAsync(suite, "runc");
        using var engine = fixture.Open();
        using var other = fixture.Open();
        engine.Require($"New-CtrContainer {Id} -Image {Busybox} {Idle} | Start-CtrTask");
        var pid = engine.Require<int>($"(Get-CtrDaemon {fixture.Daemon.Daemon.Name}).Pid");
        var exec = engine.Start(
            $"Invoke-CtrExec {Id} -- sh -c 'echo begun; while [ ! -e /go ]; do sleep 0.1; done; echo ended; exit 3'; $LASTEXITCODE"
        );
        await Eventually.TrueAsync(() => exec.Output.Count == 1);
        Process.GetProcessById(pid).Kill();
        await Eventually.TrueAsync(() => other.Invoke($"Invoke-CtrExec {Id} -- touch /go").Errors.Count == 0, TimeSpan.FromSeconds(40));
        await Eventually.TrueAsync(() => exec.IsCompleted, TimeSpan.FromSeconds(40));
        var done = exec.Wait();
        Assert.Equal(["begun", "ended", 3], done.Output.Select(o => o.BaseObject));
        AssertError(done.Error, ErrorIds.ProcessExitedNonZero, "InvokeCtrExec", ErrorCategory.InvalidResult);
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_process_whose_shim_was_killed_does_not_hang_and_leaves_no_pipes(string suite)
    {
        var fixture = await DaemonFixtures.GetAsync(suite);
        using var engine = fixture.Open();
        var task = engine.Require<CtrTask>($"New-CtrContainer {Id} -Image {Busybox} {Idle} | Start-CtrTask");
        var exec = engine.Start($"Invoke-CtrExec {Id} -- sh -c 'echo begun; exec sleep 785'");
        await Eventually.TrueAsync(() => exec.Output.Count == 1);
        Process.GetProcessById(ProcessTree.ParentOf(task.Pid)).Kill();
        await Eventually.TrueAsync(() => exec.IsCompleted);
        var done = exec.Wait();
        Assert.Equal("begun", Assert.Single(done.Output).ToString());
        AssertError(done.Error, ErrorIds.ExitCodeUnknown, "InvokeCtrExec", ErrorCategory.InvalidResult);
        engine.Require($"Remove-CtrContainer {Id} -Force");
        Assert.DoesNotContain(await fixture.LeftAsync(), left => left.Contains(Id, StringComparison.Ordinal));
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Fact]
    public async Task A_task_with_input_reads_data_written_to_its_pipe_which_is_removed_with_it()
    {
        var task = await StartAsync("-- sh -c 'read a; echo got $a; sleep 1000'", startOptions: "-WithStdin");
        Assert.True(File.Exists(task.Stdin));
        await Shell.RunAsync("timeout", "10", "sh", "-c", $"echo hello > {task.Stdin}");
        await Eventually.TrueAsync(() => Engine.Require($"Get-CtrLog {Id}") is [var line] && line.ToString() == "got hello");
        Engine.Require($"Remove-CtrTask {Id} -Force");
        Assert.False(File.Exists(task.Stdin));
        task = Engine.Require<CtrTask>($"Start-CtrTask {Id} -WithStdin -NoLog");
        await Shell.RunAsync("timeout", "10", "sh", "-c", $"echo hello > {task.Stdin}");
        Engine.Require($"Remove-CtrContainer {Id} -Force");
        await AssertGoneAsync(Id);
    }

    [Fact]
    public async Task Ctrl_C_while_a_container_is_created_and_started_leaves_a_complete_one_or_none()
    {
        foreach (var delay in new[] { 0, 20, 60, 120, 250 })
        {
            var running = Engine.Start($"New-CtrContainer {Id} -Image {Busybox} {Idle} | Start-CtrTask; Remove-CtrContainer {Id} -Force");
            await Task.Delay(delay);
            await running.StopAsync();
            running.Wait();
            var left = await DaemonFixture.LeftAsync();
            Assert.DoesNotContain(left, l => l.StartsWith("lease ", StringComparison.Ordinal) && l.Contains(Id, StringComparison.Ordinal));
            // A snapshot, a task or a log without its container would be nobody's.
            if (!left.Contains($"container {Id}"))
            {
                await Eventually.TrueAsync(() =>
                    !DaemonFixture.LeftAsync().GetAwaiter().GetResult().Any(l => l.Contains(Id, StringComparison.Ordinal))
                );
                Assert.Empty(LogFolders(Id));
            }
            else
            {
                Engine.Require($"Remove-CtrContainer {Id} -Force");
            }

            await AssertGoneAsync(Id);
        }
    }
}
