using System.Diagnostics;
using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Tasks;

/// <summary>Start, status, exit codes, removal.</summary>
public sealed class TaskTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public async Task A_started_task_runs_and_every_cmdlet_reports_its_exit()
    {
        var before = DateTime.Now.AddSeconds(-1);
        var task = await StartAsync("-- sh -c 'trap \"exit 42\" TERM; echo ready; while :; do sleep 1 & wait $!; done'");
        Assert.Equal(
            (Id, CtrStatus.Running, null, null, false),
            (task.ContainerId, task.Status, task.ExitCode, task.ExitedAt, task.Terminal)
        );
        Assert.True(Directory.Exists($"/proc/{task.Pid}"));
        var stopped = Engine.Require<CtrExit>($"Stop-CtrTask {Id}");
        Assert.Equal((Id, null, task.Pid, 42), (stopped.ContainerId, stopped.ExecId, stopped.Pid, stopped.ExitCode));
        Assert.InRange(stopped.ExitedAt!.Value, before, DateTime.Now.AddSeconds(1));
        var asked = Engine.Require<CtrTask>($"Get-CtrTask {Id}");
        Assert.Equal((CtrStatus.Stopped, 42, stopped.ExitedAt), (asked.Status, asked.ExitCode, asked.ExitedAt));
        Assert.Equal(42, Engine.Require<CtrExit>($"Wait-CtrTask {Id}").ExitCode);
        Assert.Equal(42, Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").LastExit!.ExitCode);
        var removed = Engine.Require<CtrExit>($"Remove-CtrTask {Id}");
        Assert.Equal((42, stopped.ExitedAt, task.Pid), (removed.ExitCode, removed.ExitedAt, removed.Pid));
        AssertError(Engine.Invoke($"Get-CtrTask {Id}").Error, ErrorIds.TaskNotFound, "GetCtrTask", ErrorCategory.ObjectNotFound, Id);
        AssertError(Engine.Invoke($"Remove-CtrTask {Id}").Error, ErrorIds.TaskNotFound, "RemoveCtrTask", ErrorCategory.ObjectNotFound, Id);
        var kept = Engine.Require<CtrContainer>($"Get-CtrContainer {Id}");
        Assert.Equal((42, stopped.ExitedAt, task.Pid), (kept.LastExit!.ExitCode, kept.LastExit.ExitedAt, kept.LastExit.Pid));
        Assert.DoesNotContain(kept.Labels.Values, v => v.Contains("42", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_started_container_is_not_started_again_and_a_stopped_one_is()
    {
        var first = await StartAsync();
        var again = Engine.Invoke($"Start-CtrTask {Id}");
        AssertError(again.Error, ErrorIds.TaskExists, "StartCtrTask", ErrorCategory.ResourceExists, Id);
        Assert.Contains("Stop-CtrTask", again.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(first.Pid, Engine.Require<CtrTask>($"Get-CtrTask {Id}").Pid);
        Assert.Equal(137, Engine.Require<CtrExit>($"Stop-CtrTask {Id} -Force").ExitCode);
        var second = Engine.Require<CtrTask>($"Start-CtrTask {Id}");
        Assert.NotEqual(first.Pid, second.Pid);
        Assert.Equal(CtrStatus.Running, second.Status);
        Assert.Equal(137, Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").LastExit!.ExitCode);
    }

    [Fact]
    public async Task A_running_task_is_removed_only_by_force()
    {
        var task = await StartAsync();
        AssertError(Engine.Invoke($"Remove-CtrTask {Id}").Error, ErrorIds.TaskRunning, "RemoveCtrTask", ErrorCategory.ResourceBusy, Id);
        AssertError(
            Engine.Invoke($"Remove-CtrContainer {Id}").Error,
            ErrorIds.TaskRunning,
            "RemoveCtrContainer",
            ErrorCategory.ResourceBusy,
            Id
        );
        Assert.Equal(CtrStatus.Running, Status());
        Assert.Equal(137, Engine.Require<CtrExit>($"Remove-CtrTask {Id} -Force").ExitCode);
        Assert.False(Directory.Exists($"/proc/{task.Pid}"));
        task = Engine.Require<CtrTask>($"Start-CtrTask {Id}");
        Engine.Require($"Remove-CtrContainer {Id} -Force");
        Assert.False(Directory.Exists($"/proc/{task.Pid}"));
        await AssertGoneAsync(Id);
    }

    [Fact]
    public async Task A_paused_task_is_removed_by_force()
    {
        await StartAsync();
        await DaemonFixture.CtrAsync("tasks", "pause", Id);
        Assert.Equal(CtrStatus.Paused, Status());
        AssertError(Engine.Invoke($"Remove-CtrTask {Id}").Error, ErrorIds.TaskRunning, "RemoveCtrTask", ErrorCategory.ResourceBusy, Id);
        Assert.Equal(137, Engine.Require<CtrExit>($"Remove-CtrTask {Id} -Force").ExitCode);
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_task_that_was_created_and_not_started_is_seen_and_removed_by_force(string suite)
    {
        var fixture = await DaemonFixtures.GetAsync(suite);
        using var engine = fixture.Open();
        engine.Require($"New-CtrContainer {Id} -Image {Busybox} {Idle}");
        await fixture.CtrAsync("tasks", "start", "--null-io", "--detach", Id);
        engine.Require($"Remove-CtrTask {Id} -Force");
        await CreatedTask.MakeAsync(fixture.Daemon.Address, fixture.Namespace, Id);
        var task = engine.Require<CtrTask>($"Get-CtrTask {Id}");
        Assert.Equal(CtrStatus.Created, task.Status);
        AssertError(
            engine.Invoke($"Invoke-CtrExec {Id} -- true").Error,
            ErrorIds.TaskNotRunning,
            "InvokeCtrExec",
            ErrorCategory.ResourceBusy,
            Id
        );
        AssertError(engine.Invoke($"Remove-CtrTask {Id}").Error, ErrorIds.TaskRunning, "RemoveCtrTask", ErrorCategory.ResourceBusy, Id);
        engine.Require($"Remove-CtrTask {Id} -Force");
        await Eventually.TrueAsync(() => !Directory.Exists($"/proc/{task.Pid}"));
        await CreatedTask.MakeAsync(fixture.Daemon.Address, fixture.Namespace, Id);
        Assert.Equal(Id, engine.Require<CtrExit>($"Stop-CtrTask {Id}").ContainerId);
        engine.Require($"Remove-CtrContainer {Id} -Force");
        Assert.DoesNotContain(await fixture.LeftAsync(), left => left.Contains(Id, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_task_whose_shim_was_killed_is_removed_by_force_and_its_container_starts_again(string suite)
    {
        var fixture = await DaemonFixtures.GetAsync(suite);
        using var engine = fixture.Open();
        var task = engine.Require<CtrTask>($"New-CtrContainer {Id} -Image {Busybox} {Idle} | Start-CtrTask");
        // The exit of the short task shows that the wait for the other one has started.
        engine.Require($"New-CtrContainer {Id}-soon -Image {Busybox} -- sleep 1 | Start-CtrTask");
        var waiting = engine.Start($"Wait-CtrTask {Id}, {Id}-soon");
        await Eventually.TrueAsync(() => waiting.Output.Count == 1);
        Process.GetProcessById(ProcessTree.ParentOf(task.Pid)).Kill();
        var exits = waiting.Wait();
        Assert.Empty(exits.Errors);
        Assert.Equal([$"{Id}-soon", Id], exits.Of<CtrExit>().Select(e => e.ContainerId));
        // The daemon may or may not have cleaned up; afterwards no task and no process exists.
        Assert.DoesNotContain(engine.Invoke($"Remove-CtrTask {Id} -Force").Errors, e =>
            !e.FullyQualifiedErrorId.StartsWith("TaskNotFound,", StringComparison.Ordinal)
        );
        AssertError(engine.Invoke($"Get-CtrTask {Id}").Error, ErrorIds.TaskNotFound, "GetCtrTask", ErrorCategory.ObjectNotFound, Id);
        await Eventually.TrueAsync(() => !Directory.Exists($"/proc/{task.Pid}"));
        Assert.Equal(CtrStatus.Running, engine.Require<CtrTask>($"Start-CtrTask {Id}").Status);
        engine.Require($"Remove-CtrContainer {Id}, {Id}-soon -Force");
        Assert.DoesNotContain(await fixture.LeftAsync(), left => left.Contains(Id, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("no-such-program", ErrorIds.CommandNotFound, ErrorCategory.ObjectNotFound)]
    [InlineData("/no/such/program", ErrorIds.CommandNotFound, ErrorCategory.ObjectNotFound)]
    [InlineData("/etc/passwd", ErrorIds.CommandNotExecutable, ErrorCategory.InvalidArgument)]
    [InlineData("/etc", ErrorIds.CommandNotExecutable, ErrorCategory.InvalidArgument)]
    public async Task A_command_that_cannot_be_run_is_one_clear_error_and_leaves_no_task(
        string program,
        string error,
        ErrorCategory category
    )
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -- {program} x");
        var done = Engine.Invoke($"Start-CtrTask {Id}");
        AssertError(done.Error, error, "StartCtrTask", category, Id);
        Assert.Contains($"'{program}'", done.Error.ToString(), StringComparison.Ordinal);
        AssertError(Engine.Invoke($"Get-CtrTask {Id}").Error, ErrorIds.TaskNotFound, "GetCtrTask", ErrorCategory.ObjectNotFound, Id);
        Assert.All(LogFolders(Id), folder => Assert.Empty(Directory.EnumerateFileSystemEntries(folder)));
        Engine.Require($"Remove-CtrContainer {Id}");
        await AssertGoneAsync(Id);
    }

    [Fact]
    public void A_working_directory_that_cannot_be_created_is_a_clear_error()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -WorkingDirectory /etc/passwd -- true");
        var error = Engine.Invoke($"Start-CtrTask {Id}").Error;
        Assert.StartsWith("WorkingDirectory", error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_status_selects_tasks()
    {
        await StartAsync(Idle, $"{Id}-a");
        await StartAsync("-- true", $"{Id}-b");
        Engine.Require($"Wait-CtrTask {Id}-b");
        Assert.Equal([$"{Id}-a"], Engine.Require($"Get-CtrTask {Id}* -Status Running").Select(t => t.ToString()));
        Assert.Equal([$"{Id}-b"], Engine.Require($"Get-CtrTask {Id}* -Status Stopped").Select(t => t.ToString()));
        Assert.Equal([$"{Id}-a", $"{Id}-b"], Engine.Require($"Get-CtrTask {Id}* -Status Stopped, Running").Select(t => t.ToString()));
    }
}
