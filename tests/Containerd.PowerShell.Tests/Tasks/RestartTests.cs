using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Tasks;

/// <summary>Restart-CtrTask: the same streams, and nothing stopped that cannot be started again.</summary>
public sealed class RestartTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    private const string Talking = "-- sh -c 'trap \"exit 7\" TERM; echo ready; echo no >&2; while :; do sleep 1 & wait $!; done'";

    [Fact]
    public async Task A_running_task_is_stopped_gracefully_and_started_with_a_log_of_its_own()
    {
        var former = await StartAsync(Graceful);
        var task = Engine.Require<CtrTask>($"Restart-CtrTask {Id}");
        Assert.Equal((CtrStatus.Running, Id), (task.Status, task.ContainerId));
        Assert.NotEqual(former.Pid, task.Pid);
        Assert.Equal(7, Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").LastExit?.ExitCode);
        await LinesAsync($"Get-CtrLog {Id}", "ready", "ready");
    }

    [Fact]
    public async Task The_streams_are_those_of_the_former_task()
    {
        var own = Path.Combine(Folder, "own log %41.txt");
        await StartAsync(Talking, startOptions: $"-LogPath '{own}' -WithStdin");
        var task = Engine.Require<CtrTask>($"Get-CtrContainer {Id} | Restart-CtrTask -Timeout 30");
        await Eventually.TrueAsync(() => File.ReadAllLines(own).Order().SequenceEqual(["no", "no", "ready", "ready"]));
        Assert.NotEqual("", task.Stdin);
        Engine.Require($"Send-CtrInput {Id} text");

        var limited = NewId();
        await StartAsync(Talking, limited, startOptions: "-LogMaxSize 128kb -LogMaxFiles 3");
        var stdout = Engine.Require<CtrTask>($"Get-CtrTask {limited}").Stdout;
        task = Engine.Require<CtrTask>($"Restart-CtrTask {limited}");
        // Only the number of the start differs.
        Assert.Equal(stdout[..^1] + "2", task.Stdout);
        await LinesAsync($"Get-CtrLog {limited} -Stream Stdout", "ready", "ready");

        var silent = NewId();
        await StartAsync("-- sleep 1000", silent, startOptions: "-NoLog");
        task = Engine.Require<CtrTask>($"Restart-CtrTask {silent} -Force");
        Assert.Equal(("", "", ""), (task.Stdin, task.Stdout, task.Stderr));
        Assert.Equal(137, Engine.Require<CtrContainer>($"Get-CtrContainer {silent}").LastExit?.ExitCode);
    }

    [Fact]
    public async Task A_task_that_ended_or_is_gone_or_was_only_created_is_started()
    {
        var own = Path.Combine(Folder, "own.txt");
        await StartAsync("-- sh -c 'echo ready'", startOptions: $"-LogPath '{own}'");
        Engine.Require($"Wait-CtrTask {Id}; Restart-CtrTask {Id}; Wait-CtrTask {Id}; Remove-CtrTask {Id}; Restart-CtrTask {Id}");
        await Eventually.TrueAsync(() => File.ReadAllLines(own).Length == 3);

        var created = NewId();
        var task = Engine.Require<CtrTask>($"New-CtrContainer {created} -Image {Busybox} -- sleep 1000 | New-CtrTask -NoLog");
        Assert.Equal(task.Pid, Engine.Require<CtrTask>($"Restart-CtrTask {created}").Pid);

        var fresh = NewId();
        Engine.Require($"New-CtrContainer {fresh} -Image {Busybox} -- sleep 1000");
        Assert.NotEqual("", Engine.Require<CtrTask>($"Restart-CtrTask {fresh}").Stdout);
    }

    [Fact]
    public async Task A_paused_task_is_restarted()
    {
        await StartAsync(Graceful);
        Engine.Require($"Suspend-CtrTask {Id}");
        Assert.Equal(CtrStatus.Running, Engine.Require<CtrTask>($"Restart-CtrTask {Id}").Status);
    }

    [Fact]
    public async Task Streams_that_cannot_be_created_again_leave_the_task_running()
    {
        var own = Path.Combine(Folder, "terminal.txt");
        await StartAsync("-- sh -c 'echo ready; sleep 1000'", options: "-Tty", startOptions: $"-LogPath '{own}'");
        var pid = Engine.Require<CtrTask>($"Get-CtrTask {Id}").Pid;
        AssertError(
            Engine.Invoke($"Restart-CtrTask {Id} -Force").Error,
            ErrorIds.LogNotEmpty,
            "RestartCtrTask",
            ErrorCategory.ResourceBusy,
            Id
        );

        // As another client starts it.
        var foreign = NewId();
        Engine.Require($"New-CtrContainer {foreign} -Image {Busybox} -- sleep 1000");
        await DaemonFixture.Daemon.CtrAsync("tasks", "start", "--detach", "--log-uri", $"file://{Folder}/foreign.log", foreign);
        var error = Engine.Invoke($"Restart-CtrTask {foreign} -Force").Error;
        AssertError(error, ErrorIds.StreamsNotKnown, "RestartCtrTask", ErrorCategory.NotImplemented, foreign);
        Assert.Contains("foreign.log", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains($"Start-CtrTask {foreign}", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(CtrStatus.Running, Status(foreign));
        Assert.Equal((pid, CtrStatus.Running), (Engine.Require<CtrTask>($"Get-CtrTask {Id}").Pid, Status()));
    }

    [Fact]
    public async Task A_task_that_has_stopped_is_started_also_after_Ctrl_C()
    {
        var slow = await SlowRuntimeAsync("delete", done: true);
        var former = await StartAsync(Graceful, options: $"-RuntimeOption @{{ BinaryName = '{slow}' }}");
        using var other = DaemonFixture.Open();
        var restarting = other.Start($"Restart-CtrTask {Id}");
        await Eventually.TrueAsync(() => File.Exists($"{slow}-begun"));
        await restarting.StopAsync();
        Assert.Empty(restarting.Wait().Output);
        await File.WriteAllTextAsync($"{slow}-go", "", TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() =>
            Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").Status == CtrStatus.Running
            && Engine.Require<CtrTask>($"Get-CtrTask {Id}").Pid != former.Pid
        );
    }

    private Task LinesAsync(string script, params string[] lines) =>
        Eventually.TrueAsync(() => Engine.Require(script).Select(line => $"{line}").SequenceEqual(lines));
}
