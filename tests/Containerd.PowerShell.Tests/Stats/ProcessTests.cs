using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Stats;

/// <summary>Get-CtrProcess on a real daemon.</summary>
public sealed class ProcessTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Theory]
    [InlineData("bookworm", "runc")]
    [InlineData("bookworm", "crun")]
    [InlineData("sid", "runc")]
    [InlineData("sid", "crun")]
    public async Task The_init_process_its_children_and_execs_are_listed(string suite, string runtime)
    {
        var fixture = await DaemonFixtures.GetAsync(suite, runtime);
        using var engine = fixture.Open();
        var id = PrivateDaemon.Unique("p");
        var option = runtime == "runc" ? "" : $"-Runtime {runtime}";
        try
        {
            var task = engine.Require<CtrTask>(
                $"New-CtrContainer {id} -Image {Busybox} {option} -- sh -c 'sleep 1000 & echo ready; wait' | Start-CtrTask"
            );
            await Eventually.TrueAsync(() => engine.Require($"Get-CtrLog {id}").Count > 0);
            engine.Require($"$exec = Invoke-CtrExec {id} -Detach -ExecId job -User app -- sh -c 'while :; do :; done'");
            // A process that was forked has the name of its parent until it executes its program.
            await Eventually.TrueAsync(() =>
                engine.Require($"Get-CtrProcess {id}").Select(p => (CtrProcessInfo)p.BaseObject).ToList() is { Count: 3 } all
                && all.Exists(p => p.Name == "sleep")
                && all.Exists(p => p.ExecId == "job" && p.CpuTime > TimeSpan.Zero)
            );
            var found = engine.Invoke($"Get-CtrProcess {id}");
            Assert.Empty(found.Errors);
            var processes = found.Of<CtrProcessInfo>().ToList();
            Assert.Equal(3, processes.Count);
            Assert.Equal(processes.Select(p => p.Pid).Order(), processes.Select(p => p.Pid));
            Assert.All(processes, p => Assert.Equal((id, fixture.Namespace), (p.ContainerId, p.Namespace)));

            var init = Assert.Single(processes, p => p.IsInit);
            Assert.Equal((task.Pid, 1, "root", 0L, null), (init.Pid, init.ContainerPid, init.User, init.UserId, init.ExecId));
            Assert.Equal(["sh", "-c", "sleep 1000 & echo ready; wait"], init.Command);
            Assert.Equal(CtrProcessState.Sleeping, init.State);
            Assert.InRange(init.StartTime!.Value, DateTime.Now.AddMinutes(-5), DateTime.Now.AddSeconds(3));
            Assert.True(init.WorkingSet > 0);

            var child = Assert.Single(processes, p => p.ParentPid == init.Pid && p.ExecId is null);
            Assert.Equal(("sleep", "sleep 1000"), (child.Name, string.Join(' ', child.Command)));
            var exec = Assert.Single(processes, p => p.ExecId == "job");
            Assert.Equal(("app", 1000L), (exec.User, exec.UserId));
            Assert.True(exec.CpuTime > TimeSpan.Zero);

            Assert.Equal(exec.Pid, engine.Require<CtrProcessInfo>("$exec | Get-CtrProcess").Pid);
            Assert.Equal(
                [exec.Pid],
                engine
                    .Require($"Get-CtrProcess {id} | Where-Object ExecId | Get-CtrProcess | ForEach-Object Pid")
                    .Select(p => (int)p.BaseObject)
            );
        }
        finally
        {
            engine.Invoke($"Remove-CtrContainer {id} -Force");
        }
    }

    [Fact]
    public async Task Only_processes_with_a_containerd_id_can_be_signalled()
    {
        await StartAsync("-- sh -c 'sleep 1000 & echo ready; wait'");
        Engine.Require($"Invoke-CtrExec {Id} -Detach -ExecId job -- sleep 1000");
        var child = Engine.Invoke(
            $"Get-CtrProcess {Id} | Where-Object {{ -not $_.IsInit -and -not $_.ExecId }} | Send-CtrSignal -Signal KILL"
        );
        AssertError(child.Error, ErrorIds.ProcessNotAddressable, "SendCtrSignal", ErrorCategory.InvalidArgument);
        AssertError(
            Engine.Invoke($"Get-CtrProcess {Id} | Where-Object {{ -not $_.IsInit -and -not $_.ExecId }} | Wait-CtrTask").Error,
            ErrorIds.ProcessNotAddressable,
            "WaitCtrTask",
            ErrorCategory.InvalidArgument
        );
        Assert.Equal(CtrStatus.Running, Status());
        Engine.Require($"Get-CtrProcess {Id} | Where-Object ExecId | Send-CtrSignal -Signal KILL");
        await Eventually.TrueAsync(() => Engine.Require($"Get-CtrProcess {Id}").Count == 2);
        Assert.Equal(CtrStatus.Running, Status());
    }

    [Fact]
    public async Task A_task_that_is_not_running_is_an_error_if_it_was_named()
    {
        var bare = NewId();
        await StartAsync("-- true");
        Engine.Require($"Wait-CtrTask {Id}; New-CtrContainer {bare} -Image {Busybox} -- true");
        AssertError(Engine.Invoke($"Get-CtrProcess {Id}").Error, ErrorIds.TaskNotRunning, "GetCtrProcess", ErrorCategory.ResourceBusy, Id);
        AssertError(
            Engine.Invoke($"Get-CtrProcess {bare}").Error,
            ErrorIds.TaskNotFound,
            "GetCtrProcess",
            ErrorCategory.ObjectNotFound,
            bare
        );
        AssertError(
            Engine.Invoke("Get-CtrProcess no-such-one").Error,
            ErrorIds.ContainerNotFound,
            "GetCtrProcess",
            ErrorCategory.ObjectNotFound,
            "no-such-one"
        );
        Assert.Empty(Engine.Require($"Get-CtrProcess {Id}*, {bare}*"));
    }

    [Fact]
    public async Task Processes_that_start_and_exit_are_not_errors()
    {
        await StartAsync("-- sh -c 'while :; do true; /bin/true; done'");
        Assert.All(Enumerable.Range(0, 30), _ => Assert.Empty(Engine.Invoke($"Get-CtrProcess {Id}").Errors));
    }

    [Fact]
    public async Task The_table_shows_the_command_line()
    {
        await StartAsync();
        // During execve, the kernel has the name of the new program and not yet its arguments.
        await Eventually.TrueAsync(() => Engine.Display($"Get-CtrProcess {Id}").Contains("sleep 1000", StringComparison.Ordinal));
        var lines = Engine
            .Display($"Get-CtrProcess {Id}")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Matches(@"^ContainerId +Pid +User +ExecId +CPU +Command$", lines[0]);
        Assert.Matches($@"^{Id} +\d+ +root +0:00\.\d\d +sleep 1000$", lines[2]);
    }
}
