using System.Globalization;
using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Tasks;

/// <summary>Suspend and resume, and every status that a task can have.</summary>
public sealed class PauseTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Theory]
    [InlineData("bookworm", "runc")]
    [InlineData("sid", "runc")]
    [InlineData("bookworm", "crun")]
    public async Task A_task_is_paused_and_resumed(string suite, string runtime)
    {
        var fixture = await DaemonFixtures.GetAsync(suite, runtime);
        using var engine = fixture.Open();
        engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} -Runtime {runtime} -- sh -c 'i=0; while :; do i=$((i+1)); echo $i; sleep 0.02; done' | Start-CtrTask"
        );
        int Lines() => engine.Require($"Get-CtrLog {Id}").Count;
        await Eventually.TrueAsync(() => Lines() > 2);
        AssertError(engine.Invoke($"Resume-CtrTask {Id}").Error, ErrorIds.TaskNotPaused, "ResumeCtrTask", ErrorCategory.ResourceBusy, Id);

        Assert.Equal(CtrStatus.Paused, engine.Require<CtrTask>($"Suspend-CtrTask {Id} -PassThru").Status);
        await Task.Delay(150);
        var frozen = Lines();
        await Task.Delay(300);
        Assert.Equal(frozen, Lines());
        AssertError(engine.Invoke($"Suspend-CtrTask {Id}").Error, ErrorIds.TaskPaused, "SuspendCtrTask", ErrorCategory.ResourceBusy, Id);
        AssertError(
            engine.Invoke($"Invoke-CtrExec {Id} -- true").Error,
            ErrorIds.TaskPaused,
            "InvokeCtrExec",
            ErrorCategory.ResourceBusy,
            Id
        );
        Assert.Equal(CtrStatus.Paused, engine.Require<CtrTask>($"Get-CtrTask {Id}").Status);

        Assert.Empty(engine.Require($"Resume-CtrTask {Id}"));
        Assert.Equal(CtrStatus.Running, engine.Require<CtrTask>($"Get-CtrTask {Id}").Status);
        await Eventually.TrueAsync(() => Lines() > frozen);
        engine.Require($"Stop-CtrTask {Id} -Force");
        AssertError(
            engine.Invoke($"Suspend-CtrTask {Id}").Error,
            ErrorIds.TaskNotRunning,
            "SuspendCtrTask",
            ErrorCategory.ResourceBusy,
            Id
        );
        AssertError(engine.Invoke($"Resume-CtrTask {Id}").Error, ErrorIds.TaskNotRunning, "ResumeCtrTask", ErrorCategory.ResourceBusy, Id);
        engine.Require($"Remove-CtrContainer {Id}");
    }

    [Fact]
    public async Task Tasks_that_are_not_running_are_neither_paused_nor_resumed()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} {Idle}");
        AssertError(
            Engine.Invoke($"Suspend-CtrTask {Id}").Error,
            ErrorIds.TaskNotFound,
            "SuspendCtrTask",
            ErrorCategory.ObjectNotFound,
            Id
        );
        Engine.Require($"New-CtrTask {Id}");
        AssertError(
            Engine.Invoke($"Suspend-CtrTask {Id}").Error,
            ErrorIds.TaskNotRunning,
            "SuspendCtrTask",
            ErrorCategory.ResourceBusy,
            Id
        );
        AssertError(Engine.Invoke($"Resume-CtrTask {Id}").Error, ErrorIds.TaskNotRunning, "ResumeCtrTask", ErrorCategory.ResourceBusy, Id);
        AssertError(
            Engine.Invoke($"Suspend-CtrTask {Id}-none").Error,
            ErrorIds.ContainerNotFound,
            "SuspendCtrTask",
            ErrorCategory.ObjectNotFound,
            $"{Id}-none"
        );
        Assert.Equal(CtrStatus.Created, Status());
        Engine.Require($"Start-CtrTask {Id}; Suspend-CtrTask {Id} -WhatIf");
        Assert.Equal(CtrStatus.Running, Status());
        await Task.CompletedTask;
    }

    [Fact]
    public void Several_tasks_are_paused_through_the_pipeline()
    {
        Engine.Require($"'{Id}-a', '{Id}-b' | New-CtrContainer -Image {Busybox} {Idle} | Start-CtrTask | Suspend-CtrTask");
        Assert.Equal(2, Engine.Require($"Get-CtrTask {Id}* -Status Paused | Resume-CtrTask -PassThru").Count);
        Assert.Equal(2, Engine.Require($"Get-CtrTask {Id}* -Status Running").Count);
    }

    [Fact]
    public async Task A_task_is_pausing_while_its_runtime_pauses_it()
    {
        var folder = Directory.CreateTempSubdirectory("containerd-slow-runtime-").FullName;
        try
        {
            var slow = Path.Combine(folder, "slow-runc");
            await File.WriteAllTextAsync(
                slow,
                $"#!/bin/sh\ncase \" $* \" in *' pause '*) touch {folder}/begun; sleep 1;; esac\nexec runc \"$@\"\n"
            );
            await Shell.RunAsync("chmod", "+x", slow);
            Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -RuntimeOption @{{ BinaryName = '{slow}' }} {Idle} | Start-CtrTask");
            using var other = DaemonFixture.Open();
            var pausing = other.Start($"Suspend-CtrTask {Id}");
            // The shim answers when it is over, and says what was when it was asked; the daemon gives it two seconds.
            await Eventually.TrueAsync(() => File.Exists($"{folder}/begun"));
            Assert.Equal(CtrStatus.Pausing, Status());
            AssertError(
                Engine.Invoke($"Suspend-CtrTask {Id}").Error,
                ErrorIds.TaskPaused,
                "SuspendCtrTask",
                ErrorCategory.ResourceBusy,
                Id
            );
            Assert.Empty(pausing.Wait().Errors);
            Assert.Equal(CtrStatus.Paused, Status());
            Engine.Require($"Remove-CtrContainer {Id} -Force");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task The_status_of_a_task_whose_shim_does_not_answer_is_unknown()
    {
        var task = await StartAsync();
        var shim = ParentOf(task.Pid);
        await Shell.FreezeAsync(shim);
        try
        {
            Assert.Equal(CtrStatus.Unknown, Status());
        }
        finally
        {
            await Shell.RunAsync("kill", "-CONT", $"{shim}");
        }

        Assert.Equal(CtrStatus.Running, Status());
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_task_whose_shim_dies_during_a_query_is_missing_or_unknown_without_another_error(string suite)
    {
        var fixture = await DaemonFixtures.GetAsync(suite);
        using var engine = fixture.Open();
        engine.Require($"New-CtrContainer {Id} -Image {Busybox} {Idle}");
        for (var round = 0; round < 4; round++)
        {
            var task = engine.Require<CtrTask>($"Start-CtrTask {Id}");
            var shim = ParentOf(task.Pid);
            // It holds an answer back, and dies with it; in the last rounds it just dies.
            if (round < 2)
                await Shell.FreezeAsync(shim);
            var script = $"Get-CtrTask {Id}";
            using var other = fixture.Open();
            var asking = other.Start(script);
            if (round < 2)
                await Task.Delay(300);
            await Shell.RunAsync("kill", "-KILL", $"{shim}");
            foreach (var done in new[] { asking.Wait(), engine.Invoke(script), engine.Invoke(script) })
            {
                if (done.Errors.Count > 0)
                    AssertError(done.Error, ErrorIds.TaskNotFound, "GetCtrTask", ErrorCategory.ObjectNotFound, Id);
                else
                    Assert.Contains(Assert.Single(done.Of<CtrTask>()).Status, new[] { CtrStatus.Unknown, CtrStatus.Running });
            }

            await Eventually.TrueAsync(() => engine.Invoke(script).Errors.Count == 1);
            await Eventually.TrueAsync(() => !Directory.Exists($"/proc/{task.Pid}"));
        }

        engine.Require($"Remove-CtrContainer {Id}");
    }

    private static int ParentOf(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
    }
}
