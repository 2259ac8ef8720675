using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Tasks;

/// <summary>Tasks whose process dies before it is started, and exit codes that must not be replaced.</summary>
public sealed class UnstartedTaskTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    /// <summary>Notes the process id when the task is created.</summary>
    private const string Create = "runc \"$@\" || exit; while [ \"$1\" != --pid-file ]; do shift; done; cp \"$2\" \"$0-pid\"";

    [Theory]
    [InlineData("bookworm", "create")]
    [InlineData("bookworm", "start")]
    [InlineData("sid", "create")]
    [InlineData("sid", "start")]
    public async Task A_task_whose_process_dies_before_its_start_is_a_separate_error_and_is_removed(string suite, string when)
    {
        Use(await DaemonFixtures.GetAsync(suite, "runc"));
        var kill = "kill -9 \"$(cat \"$0-pid\")\"";
        var runtime = await RuntimeAsync(
            $"*' create '*) {Create}{(when == "create" ? "; " + kill : "")}; exit 0;; *' start '*) {(when == "start" ? kill : ":")};;"
        );
        var options = $"-Image {Busybox} -RuntimeOption @{{ BinaryName = '{runtime}' }}";
        Engine.Require($"New-CtrContainer {Id} {options} {Idle}");
        AssertDied(Engine.Invoke($"Start-CtrTask {Id}").Error, "StartCtrTask", Id);
        AssertError(Engine.Invoke($"Get-CtrTask {Id}").Error, ErrorIds.TaskNotFound, "GetCtrTask", ErrorCategory.ObjectNotFound, Id);
        Assert.Null(Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").LastExit);

        // In two steps.
        Engine.Require($"New-CtrTask {Id}");
        AssertDied(Engine.Invoke($"Start-CtrTask {Id}").Error, "StartCtrTask", Id);
        AssertError(Engine.Invoke($"Get-CtrTask {Id}").Error, ErrorIds.TaskNotFound, "GetCtrTask", ErrorCategory.ObjectNotFound, Id);

        var run = NewId();
        AssertDied(Engine.Invoke($"Invoke-CtrContainer {options} -Id {run} -- true").Error, "InvokeCtrContainer", run);
        Engine.Require($"Remove-CtrContainer {Id}");
        await AssertGoneAsync(Id);
        await AssertGoneAsync(run);
    }

    [Fact]
    public void Removing_a_task_that_never_started_returns_no_exit_code_and_keeps_the_last_one()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -- sh -c 'exit 4' | Start-CtrTask | Wait-CtrTask");
        Assert.Equal(4, Engine.Require<CtrExit>($"Remove-CtrTask {Id}").ExitCode);
        Engine.Require($"New-CtrTask {Id}");
        var exit = Engine.Require<CtrExit>($"Remove-CtrTask {Id} -Force");
        Assert.Equal((Id, null, null), (exit.ContainerId, exit.ExitCode, exit.ExitedAt));
        Assert.Equal(4, Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").LastExit!.ExitCode);
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_shim_that_dies_while_its_task_is_removed_does_not_replace_the_exit_code(string suite)
    {
        Use(await DaemonFixtures.GetAsync(suite, "runc"));
        var runtime = await RuntimeAsync("*' delete '*) [ -e \"$0-once\" ] || { touch \"$0-once\"; kill -9 $PPID; };;");
        Engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} -RuntimeOption @{{ BinaryName = '{runtime}' }} -- sh -c 'exit 7' | Start-CtrTask | Wait-CtrTask"
        );
        Assert.Equal(7, Engine.Require<CtrExit>($"Remove-CtrTask {Id}").ExitCode);
        Assert.True(File.Exists($"{runtime}-once"));
        Assert.Equal(7, Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").LastExit!.ExitCode);
        await Eventually.TrueAsync(() => Engine.Invoke($"Get-CtrTask {Id}").Errors.Count == 1);
    }

    private static void AssertDied(ErrorRecord error, string cmdlet, string id)
    {
        AssertError(error, ErrorIds.TaskDiedBeforeStart, cmdlet, ErrorCategory.OperationStopped, id);
        Assert.Contains("before it was started", error.ToString(), StringComparison.Ordinal);
    }

    private async Task<string> RuntimeAsync(string cases)
    {
        var runtime = Path.Combine(Folder, "runc");
        await File.WriteAllTextAsync(runtime, $"#!/bin/sh\ncase \" $* \" in {cases} esac\nexec runc \"$@\"\n");
        await Shell.RunAsync("chmod", "+x", runtime);
        return runtime;
    }
}
