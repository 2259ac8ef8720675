using System.Diagnostics;
using System.Management.Automation;
using Containerd.Client.Workloads.Stats;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Tasks;

/// <summary>Stop-CtrTask and Send-CtrSignal.</summary>
public sealed class StopTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public async Task A_process_that_handles_its_signal_exits_by_itself()
    {
        await StartAsync(Graceful);
        var clock = Stopwatch.StartNew();
        Assert.Equal(7, Engine.Require<CtrExit>($"Stop-CtrTask {Id}").ExitCode);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(8), $"{clock.Elapsed}");
    }

    [Fact]
    public async Task The_containers_own_stop_signal_comes_first()
    {
        await StartAsync(
            "-- sh -c 'trap \"exit 7\" TERM; trap \"exit 8\" USR2; echo ready; while :; do sleep 1 & wait $!; done'",
            options: "-StopSignal USR2"
        );
        Assert.Equal(8, Engine.Require<CtrExit>($"Stop-CtrTask {Id}").ExitCode);
        Engine.Require($"Start-CtrTask {Id}");
        await Eventually.TrueAsync(() => Engine.Require($"Get-CtrLog {Id}").Count == 2);
        Assert.Equal(7, Engine.Require<CtrExit>($"Stop-CtrTask {Id} -Signal SIGTERM").ExitCode);
    }

    [Fact]
    public async Task A_process_that_ignores_its_signal_is_killed_after_the_timeout()
    {
        await StartAsync(Stubborn);
        var clock = Stopwatch.StartNew();
        Assert.Equal(137, Engine.Require<CtrExit>($"Stop-CtrTask {Id} -Timeout 1500ms").ExitCode);
        Assert.InRange(clock.Elapsed.TotalSeconds, 1.5, 8);
    }

    [Fact]
    public async Task Several_tasks_share_one_timeout_and_are_returned_in_input_order()
    {
        string[] ids = [$"{Id}-a", $"{Id}-b", $"{Id}-c", $"{Id}-d"];
        foreach (var id in ids)
            await StartAsync(id == ids[1] ? Graceful : Stubborn, id);
        var clock = Stopwatch.StartNew();
        var done = Engine.Invoke($"'{string.Join("', '", ids)}', '{Id}-x' | Stop-CtrTask -Timeout 3");
        Assert.InRange(clock.Elapsed.TotalSeconds, 3, 8);
        Assert.Equal(ids, done.Of<CtrExit>().Select(e => e.ContainerId));
        Assert.Equal([137, 7, 137, 137], done.Of<CtrExit>().Select(e => e.ExitCode!.Value));
        AssertError(done.Error, ErrorIds.ContainerNotFound, "StopCtrTask", ErrorCategory.ObjectNotFound, $"{Id}-x");
    }

    [Fact]
    public async Task A_paused_task_is_stopped_gracefully()
    {
        await StartAsync(Graceful);
        await DaemonFixture.CtrAsync("tasks", "pause", Id);
        var clock = Stopwatch.StartNew();
        Assert.Equal(7, Engine.Require<CtrExit>($"Stop-CtrTask {Id}").ExitCode);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(8), $"{clock.Elapsed}");
    }

    [Fact]
    public async Task A_paused_task_is_killed_immediately_with_Force()
    {
        await StartAsync(Graceful);
        await DaemonFixture.CtrAsync("tasks", "pause", Id);
        Assert.Equal(137, Engine.Require<CtrExit>($"Stop-CtrTask {Id} -Force").ExitCode);
    }

    [Fact]
    public async Task A_container_that_was_never_started_has_no_task_to_stop()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} {Idle}");
        AssertError(Engine.Invoke($"Stop-CtrTask {Id}").Error, ErrorIds.TaskNotFound, "StopCtrTask", ErrorCategory.ObjectNotFound, Id);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Stopping_a_list_of_containers_skips_those_that_are_not_running_without_an_error()
    {
        var (never, removed) = (NewId(), NewId());
        await StartAsync(Graceful);
        Engine.Require(
            $"$null = New-CtrContainer {never} -Image {Busybox} {Idle}; $null = New-CtrContainer {removed} -Image {Busybox} -- true | Start-CtrTask | Wait-CtrTask"
        );
        var task = $"$task = Get-CtrTask {removed}; $null = Remove-CtrTask {removed}";
        var done = Engine.Invoke(
            $"{task}; $all = Get-CtrContainer {never}, {Id}, {removed}; $all | Stop-CtrTask; $task | Stop-CtrTask; Stop-CtrTask $all[0] -Force; $?"
        );
        Assert.Empty(done.Errors);
        Assert.Equal(Id, Assert.Single(done.Of<CtrExit>()).ContainerId);
        Assert.Equal(true, done.Output[^1].BaseObject);
        // Status queries report it.
        Assert.Equal(
            2,
            Engine
                .Invoke($"Get-CtrContainer {never}, {removed} | Stop-CtrTask -Verbose")
                .Verbose.Count(v => v.Message.EndsWith("has no task.", StringComparison.Ordinal))
        );
        // A task that no longer exists is not the listed one.
        done = Engine.Invoke($"$gone = Get-CtrContainer {never}; Remove-CtrContainer {never}; $gone | Stop-CtrTask");
        AssertError(done.Error, ErrorIds.ContainerNotFound, "StopCtrTask", ErrorCategory.ObjectNotFound);
    }

    [Theory]
    [InlineData("Stop-CtrTask")]
    [InlineData("Send-CtrSignal -Signal TERM")]
    [InlineData("Remove-CtrTask")]
    public void The_advice_for_stopping_a_missing_task_is_not_to_start_it(string command)
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} {Idle}");
        var error = Engine.Invoke($"{command} {Id}").Error;
        Assert.StartsWith("TaskNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.DoesNotContain("Start", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains(
            "Start-CtrTask",
            Engine.Invoke($"Suspend-CtrTask {Id}").Error.ErrorDetails.RecommendedAction,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Ctrl_C_while_a_stop_waits_returns_immediately()
    {
        await StartAsync(Stubborn);
        var stopping = Engine.Start($"Stop-CtrTask {Id} -Timeout 60");
        await Eventually.TrueAsync(() =>
            DaemonFixture.CtrAsync("tasks", "list").GetAwaiter().GetResult().Contains(Id, StringComparison.Ordinal)
        );
        var clock = Stopwatch.StartNew();
        await stopping.StopAsync();
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2), $"{clock.Elapsed}");
        Assert.IsType<PipelineStoppedException>(stopping.Wait().Exception);
        Assert.Equal(CtrStatus.Running, Status());
    }

    [Theory]
    [InlineData("USR1", 11)]
    [InlineData("SIGUSR1", 11)]
    [InlineData("sigusr1", 11)]
    [InlineData("10", 11)]
    [InlineData("HUP", 12)]
    [InlineData("KILL", 137)]
    [InlineData("9", 137)]
    public async Task Signals_are_specified_by_name_and_by_number(string signal, int code)
    {
        await StartAsync("-- sh -c 'trap \"exit 11\" USR1; trap \"exit 12\" HUP; echo ready; while :; do sleep 1 & wait $!; done'");
        Assert.Empty(Engine.Require($"Send-CtrSignal {Id} {signal}"));
        Assert.Equal(code, Engine.Require<CtrExit>($"Wait-CtrTask {Id} -Timeout 20").ExitCode);
    }

    [Fact]
    public async Task Invalid_signals_and_exited_processes_are_clear_errors()
    {
        await StartAsync("-- true");
        Engine.Require($"Wait-CtrTask {Id}");
        AssertError(
            Engine.Invoke($"Send-CtrSignal {Id} TERM").Error,
            ErrorIds.TaskNotRunning,
            "SendCtrSignal",
            ErrorCategory.ResourceBusy,
            Id
        );
        foreach (var bad in new[] { "SIGNOPE", "0", "65", "-1" })
        {
            var done = Engine.Invoke($"Send-CtrSignal {Id} -Signal '{bad}'");
            Assert.IsType<ParameterBindingException>(done.Error.Exception, exactMatch: false);
            Assert.Contains($"'{bad}'", done.Error.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_signal_goes_to_one_process_or_to_all_or_to_an_exec()
    {
        await StartAsync("-- sh -c 'trap : USR1; echo ready; sh -c \"trap : CHLD; sleep 1000\"; while :; do sleep 1 & wait $!; done'");
        var exec = Engine.Require<CtrProcess>(
            $"$p = Invoke-CtrExec {Id} -Detach -- sh -c 'trap \"exit 21\" USR1; echo up; while :; do sleep 1 & wait $!; done'; $p"
        );
        await Eventually.TrueAsync(() => Engine.Require($"$p | Get-CtrLog").Count == 1);
        Engine.Require("$p | Send-CtrSignal -Signal USR1");
        Assert.Equal(21, Engine.Require<CtrExit>("$p | Wait-CtrTask -Timeout 20").ExitCode);
        AssertError(
            Engine.Invoke("$p | Send-CtrSignal -Signal USR1").Error,
            ErrorIds.ExecNotRunning,
            "SendCtrSignal",
            ErrorCategory.ResourceBusy
        );
        Assert.Equal(21, Engine.Require<CtrExit>("$p | Remove-CtrTask").ExitCode);
        AssertError(
            Engine.Invoke("$p | Send-CtrSignal -Signal USR1").Error,
            ErrorIds.ExecNotFound,
            "SendCtrSignal",
            ErrorCategory.ObjectNotFound
        );
        AssertError(
            Engine.Invoke($"Send-CtrSignal {Id} USR1 -ExecId nobody").Error,
            ErrorIds.ExecNotFound,
            "SendCtrSignal",
            ErrorCategory.ObjectNotFound,
            Id
        );

        // The other processes, which do not handle the signal, are killed by it; the first process continues.
        bool Sleeps() => Engine.Require($"Invoke-CtrExec {Id} -- ps -o args").Any(p => p.ToString().Trim() == "sleep 1000");
        await Eventually.TrueAsync(Sleeps);
        Engine.Require($"Send-CtrSignal {Id} USR1");
        Assert.True(Sleeps());
        Engine.Require($"Send-CtrSignal {Id} USR1 -All");
        await Eventually.TrueAsync(() => !Sleeps());
        Assert.Equal(CtrStatus.Running, Status());
    }

    [Fact]
    public async Task A_signal_is_the_first_argument_if_the_containers_come_from_the_pipeline()
    {
        const string Counts = "-- sh -c 'trap \"echo hup\" HUP; echo ready; while :; do sleep 0.1; done'";
        var other = NewId();
        await StartAsync(Counts);
        await StartAsync(Counts, other);
        int Hups(string id) => Engine.Require($"Get-CtrLog {id}").Count(l => l.ToString() == "hup");
        var sent = 0;
        foreach (
            var script in new[]
            {
                $"Get-CtrTask {Id} | Send-CtrSignal HUP",
                $"Get-CtrContainer {Id} | Send-CtrSignal HUP",
                $"'{Id}' | Send-CtrSignal hup",
                $"Get-CtrTask {Id} | Send-CtrSignal 1",
                $"Get-CtrProcess {Id} | Where-Object IsInit | Send-CtrSignal SIGHUP",
                $"[Containerd.CtrEvent]@{{ ContainerId = '{Id}' }} | Send-CtrSignal HUP",
                $"Get-CtrTask {Id} | Send-CtrSignal -Signal HUP",
                $"'{Id}' | Send-CtrSignal -Signal HUP",
                $"Send-CtrSignal {Id} HUP",
                $"Send-CtrSignal (Get-CtrTask {Id}) HUP",
                $"Send-CtrSignal -Signal HUP {Id}",
            }
        )
        {
            Engine.Require(script);
            sent++;
            await Eventually.TrueAsync(() => Hups(Id) == sent, what: script);
        }

        Engine.Require($"Get-CtrTask {Id}, {other} | Send-CtrSignal HUP");
        await Eventually.TrueAsync(() => Hups(other) == 1 && Hups(Id) == sent + 1);
        Engine.Require($"Send-CtrSignal {Id}, {other} HUP");
        await Eventually.TrueAsync(() => Hups(other) == 2 && Hups(Id) == sent + 2);
        Engine.Require($"Get-CtrTask {Id} | Send-CtrSignal HUP -WhatIf");

        AssertError(
            Engine.Invoke($"Get-CtrTask {Id} | Send-CtrSignal NOPE").Error,
            ErrorIds.InvalidSignal,
            "SendCtrSignal",
            ErrorCategory.InvalidArgument
        );
        AssertError(
            Engine.Invoke($"'{Id}-none' | Send-CtrSignal HUP").Error,
            ErrorIds.ContainerNotFound,
            "SendCtrSignal",
            ErrorCategory.ObjectNotFound,
            $"{Id}-none"
        );
        AssertError(
            Engine.Invoke($"Get-CtrTask {Id} | Send-CtrSignal HUP, TERM").Error,
            ErrorIds.ConflictingParameters,
            "SendCtrSignal",
            ErrorCategory.InvalidArgument
        );
        AssertError(
            Engine.Invoke($"Get-CtrSession | Where-Object Namespace -eq {DaemonFixture.Namespace} | Send-CtrSignal HUP").Errors[0],
            ErrorIds.NoContainer,
            "SendCtrSignal",
            ErrorCategory.InvalidArgument
        );
        // A shell asks for it.
        Assert.Contains("'Signal'", Engine.Invoke($"Send-CtrSignal {Id}").Error.ToString(), StringComparison.Ordinal);
        Assert.Equal((CtrStatus.Running, sent + 2), (Status(), Hups(Id)));
    }

    [Fact]
    public async Task A_removed_exec_is_unknown_although_its_container_is_running()
    {
        await StartAsync();
        Assert.Equal(Exec(), Engine.Require<CtrExit>($"$p | Remove-CtrTask -Force").ExecId);
        AssertError(Engine.Invoke("$p | Wait-CtrTask").Error, ErrorIds.ExecNotFound, "WaitCtrTask", ErrorCategory.ObjectNotFound);
        AssertError(Engine.Invoke("$p | Remove-CtrTask").Error, ErrorIds.ExecNotFound, "RemoveCtrTask", ErrorCategory.ObjectNotFound);

        string Exec()
        {
            var process = Engine.Require<CtrProcess>($"$p = Invoke-CtrExec {Id} -Detach -- sleep 1000; $p");
            AssertError(Engine.Invoke("$p | Remove-CtrTask").Error, ErrorIds.ExecRunning, "RemoveCtrTask", ErrorCategory.ResourceBusy);
            Assert.True(Directory.Exists($"/proc/{process.Pid}"));
            return process.ExecId;
        }
    }
}
