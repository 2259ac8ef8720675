using System.Diagnostics;
using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Checkpoints;

/// <summary>Ctrl+C, and the end of the PowerShell, while a task is saved or restored.</summary>
public sealed class InterruptedCheckpointTests(DaemonFixtures fixtures) : CheckpointTest(fixtures)
{
    [Theory]
    [InlineData("bookworm", "")]
    [InlineData("sid", ".tar")]
    public async Task Ctrl_C_returns_the_prompt_while_CRIU_is_working_and_leaves_nothing(string suite, string ending)
    {
        await UseCriuAsync(suite);
        var slow = await SlowRuntimeAsync("checkpoint");
        await StartCounterAsync($"-RuntimeOption @{{ BinaryName = '{slow}' }}");
        using var other = DaemonFixture.Open();
        var saving = other.Start($"Checkpoint-CtrTask {Id} '{CheckpointPath}{ending}'");
        await Eventually.TrueAsync(() => File.Exists(slow + "-begun"));
        await saving.StopAsync();
        // The runtime still waits for this test.
        Assert.Empty(saving.Wait().Output);
        await File.WriteAllTextAsync(slow + "-go", "", TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => Status() == CtrStatus.Running && Directory.GetFileSystemEntries(Folder).Length == 3);
        await CountsOnAsync();
        Assert.Equal(1, AssertConsecutive());
    }

    [Fact]
    public async Task Ctrl_C_does_not_lose_a_task_that_was_to_end()
    {
        await UseCriuAsync("bookworm");
        var slow = await SlowRuntimeAsync("checkpoint");
        await StartCounterAsync($"-RuntimeOption @{{ BinaryName = '{slow}' }}");
        using var other = DaemonFixture.Open();
        var saving = other.Start($"Checkpoint-CtrTask {Id} '{CheckpointPath}.tar' -Exit");
        await Eventually.TrueAsync(() => File.Exists(slow + "-begun"));
        await saving.StopAsync();
        Assert.Empty(saving.Wait().Output);
        await File.WriteAllTextAsync(slow + "-go", "", TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => File.Exists($"{CheckpointPath}.tar"));
        Assert.Equal(CtrStatus.Stopped, Status());
        Engine.Require($"Start-CtrTask {Id} -CheckpointPath '{CheckpointPath}.tar'");
        await CountsOnAsync();
        Assert.Equal(1, AssertConsecutive());
    }

    [Theory]
    [InlineData("bookworm", "")]
    [InlineData("bookworm", "-Exit")]
    [InlineData("sid", "-Exit")]
    public async Task A_daemon_that_stops_during_a_checkpoint_leaves_the_task_running_and_nothing_of_the_checkpoint(
        string suite,
        string options
    )
    {
        await RequireCriuAsync();
        await using var fixture = await DaemonFixtures.StartWithCriuAsync(suite);
        Use(fixture);
        var slow = await SlowRuntimeAsync("checkpoint");
        await StartCounterAsync($"-RuntimeOption @{{ BinaryName = '{slow}' }}");
        using var other = DaemonFixture.Open();
        var saving = other.Start($"Checkpoint-CtrTask {Id} '{CheckpointPath}' {options}");
        await Eventually.TrueAsync(() => File.Exists(slow + "-begun"));
        using (var containerd = Process.GetProcessById(Engine.Require<CtrInfo>("Get-CtrInfo").Pid!.Value))
            containerd.Kill();
        // The shim calls the runtime back: it saves nothing, and the task runs on.
        AssertError(saving.Wait().Error, ErrorIds.DaemonUnavailable, "CheckpointCtrTask", ErrorCategory.ConnectionError);
        Assert.Equal(2, Directory.GetFileSystemEntries(Folder).Length);
        await Eventually.TrueAsync(() => Engine.Invoke("Get-CtrVersion").Errors.Count == 0);
        await Eventually.TrueAsync(() => Status() == CtrStatus.Running);
        await CountsOnAsync();
        Assert.Equal(1, AssertConsecutive());
        // And the next one saves it.
        await File.WriteAllTextAsync(slow + "-go", "", TestContext.Current.CancellationToken);
        Engine.Require($"Checkpoint-CtrTask {Id} '{CheckpointPath}' -Exit; Start-CtrTask {Id} -CheckpointPath '{CheckpointPath}'");
        await CountsOnAsync();
        Assert.Equal(1, AssertConsecutive());
        Engine.Require($"Remove-CtrContainer {Id} -Force");
    }

    [Theory]
    [InlineData("bookworm", "")]
    [InlineData("sid", ".tar")]
    public async Task A_task_that_was_saved_and_stopped_when_the_daemon_stopped_is_not_lost(string suite, string ending)
    {
        await RequireCriuAsync();
        await using var fixture = await DaemonFixtures.StartWithCriuAsync(suite);
        Use(fixture);
        var slow = await SlowRuntimeAsync("checkpoint", done: true);
        await StartCounterAsync($"-RuntimeOption @{{ BinaryName = '{slow}' }}");
        using var other = DaemonFixture.Open();
        var saving = other.Start($"Checkpoint-CtrTask {Id} '{CheckpointPath}{ending}' -Exit");
        // All is done, and the answer is still to come.
        await Eventually.TrueAsync(() => File.Exists(slow + "-begun"));
        using (var containerd = Process.GetProcessById(Engine.Require<CtrInfo>("Get-CtrInfo").Pid!.Value))
            containerd.Kill();
        await File.WriteAllTextAsync(slow + "-go", "", TestContext.Current.CancellationToken);
        var done = saving.Wait();
        Assert.Empty(done.Errors);
        Assert.Equal(Id, Assert.Single(done.Of<CtrCheckpoint>()).ContainerId);
        // A later daemon has cleared the ended task away by itself.
        Assert.Empty(Engine.Require($"Get-CtrTask {Id}* -Status Running, Paused"));
        Engine.Require($"Start-CtrTask {Id} -CheckpointPath '{CheckpointPath}{ending}'");
        await CountsOnAsync();
        Assert.Equal(1, AssertConsecutive());
        Engine.Require($"Remove-CtrContainer {Id} -Force");
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task Ctrl_C_during_a_restore_leaves_no_container(string suite)
    {
        await UseCriuAsync(suite);
        var slow = await SlowRuntimeAsync("restore");
        await StartCounterAsync($"-RuntimeOption @{{ BinaryName = '{slow}' }}");
        Engine.Require($"Checkpoint-CtrTask {Id} '{CheckpointPath}.tar'");
        var id = NewId();
        using var other = DaemonFixture.Open();
        var restoring = other.Start($"Restore-CtrContainer '{CheckpointPath}.tar' {id}");
        await Eventually.TrueAsync(() => File.Exists(slow + "-begun"));
        await restoring.StopAsync();
        Assert.Empty(restoring.Wait().Output);
        await File.WriteAllTextAsync(slow + "-go", "", TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(
            () => !DaemonFixture.LeftAsync().GetAwaiter().GetResult().Any(left => left.Contains(id, StringComparison.Ordinal)),
            TimeSpan.FromSeconds(60)
        );
        await AssertGoneAsync(id);
    }

    [Fact]
    public async Task Ctrl_C_at_any_moment_leaves_a_running_task_and_a_whole_checkpoint_or_none()
    {
        await UseCriuAsync("bookworm");
        await StartCounterAsync();
        using var other = DaemonFixture.Open();
        foreach (var delay in new[] { 0, 30, 80, 150, 250, 400 })
        {
            var saving = other.Start($"Checkpoint-CtrTask {Id} '{CheckpointPath}'");
            await Task.Delay(delay, TestContext.Current.CancellationToken);
            await saving.StopAsync();
            saving.Wait();
            await Eventually.TrueAsync(() =>
                Status() == CtrStatus.Running && (!Directory.Exists(CheckpointPath) || File.Exists($"{CheckpointPath}/checkpoint.json"))
            );
            await CountsOnAsync();
            if (Directory.Exists(CheckpointPath))
                Engine.Require(
                    $"Restore-CtrContainer '{CheckpointPath}' {Id}-new; Remove-CtrContainer {Id}-new -Force; [IO.Directory]::Delete('{CheckpointPath}', $true)"
                );
        }

        Assert.Equal(1, AssertConsecutive());
    }

    [Fact]
    public async Task A_PowerShell_that_ends_after_Ctrl_C_leaves_no_task_frozen()
    {
        await UseCriuAsync("bookworm");
        var slow = await SlowRuntimeAsync("checkpoint");
        await StartCounterAsync($"-RuntimeOption @{{ BinaryName = '{slow}' }}");
        var run = await HostProcess.RunAsync(
            $$"""
            Import-Module Containerd
            $shell = [powershell]::Create([Management.Automation.Runspaces.RunspaceFactory]::CreateRunspace([initialsessionstate]::CreateDefault2())); $shell.Runspace.Open(); $null = $shell.AddScript("Import-Module Containerd; `$null = Connect-CtrSession '{{DaemonFixture.Daemon.Address}}' -Namespace {{DaemonFixture.Namespace}}; Checkpoint-CtrTask {{Id}} '{{CheckpointPath}}'")
            $saving = $shell.BeginInvoke()
            while (-not [IO.File]::Exists('{{slow}}-begun')) { if ($saving.IsCompleted) { $shell.EndInvoke($saving); throw "$($shell.Streams.Error)" }; [Threading.Thread]::Sleep(20) }
            $shell.Stop()
            # What lets the runtime go on comes after the end has begun.
            $null = [Diagnostics.Process]::Start('sh', [string[]]('-c', 'sleep 2; touch {{slow}}-go'))
            Say Waiting (-not [IO.File]::Exists('{{slow}}-go'))
            """
        );
        Assert.Equal(("True", 0), (run["Waiting"], run.Code));
        Assert.Equal(CtrStatus.Running, Status());
        Assert.False(Directory.Exists(CheckpointPath));
        await CountsOnAsync();
        Assert.Equal(1, AssertConsecutive());
    }
}
