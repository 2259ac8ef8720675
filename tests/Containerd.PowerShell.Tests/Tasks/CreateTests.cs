using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Tasks;

/// <summary>Creating a task and starting it, in two steps.</summary>
public sealed class CreateTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Theory]
    [InlineData("bookworm", "runc")]
    [InlineData("sid", "runc")]
    [InlineData("sid", "crun")]
    public async Task A_created_task_runs_nothing_until_it_is_started(string suite, string runtime)
    {
        var fixture = await DaemonFixtures.GetAsync(suite, runtime);
        using var engine = fixture.Open();
        var task = engine.Require<CtrTask>(
            $"New-CtrContainer {Id} -Image {Busybox} -Runtime {runtime} -- sh -c 'echo hello; exit 4' | New-CtrTask"
        );
        Assert.Equal((CtrStatus.Created, null), (task.Status, task.ExitCode));
        Assert.True(task.Pid > 0);
        Assert.Empty(engine.Require($"Get-CtrLog {Id}"));
        AssertError(engine.Invoke($"New-CtrTask {Id}").Error, ErrorIds.TaskExists, "NewCtrTask", ErrorCategory.ResourceExists, Id);
        AssertError(
            engine.Invoke($"Start-CtrTask {Id} -WithStdin").Error,
            ErrorIds.TaskCreated,
            "StartCtrTask",
            ErrorCategory.ResourceBusy,
            Id
        );
        Assert.Equal(CtrStatus.Created, engine.Require<CtrTask>($"Get-CtrTask {Id} -Status Created").Status);
        Assert.Equal(task.Pid, engine.Require<CtrTask>($"Start-CtrTask {Id}").Pid);
        Assert.Equal(4, engine.Require<CtrExit>($"Wait-CtrTask {Id}").ExitCode);
        await Eventually.TrueAsync(() => engine.Require($"Get-CtrLog {Id}").Count == 1);
        Assert.Equal("hello", Assert.Single(engine.Require($"Get-CtrLog {Id}")).ToString());
        // A stopped task makes room for the next.
        Assert.Equal(CtrStatus.Created, engine.Require<CtrTask>($"New-CtrTask {Id} -NoLog").Status);
        engine.Require($"Remove-CtrContainer {Id} -Force");
        Assert.DoesNotContain(await fixture.LeftAsync(), left => left.Contains(Id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_task_that_another_client_created_is_started()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} {Idle}");
        await CreatedTask.MakeAsync(DaemonFixture.Daemon.Address, DaemonFixture.Namespace, Id);
        Assert.Equal(CtrStatus.Running, Engine.Require<CtrTask>($"Start-CtrTask {Id}").Status);
    }

    [Fact]
    public async Task A_created_task_that_cannot_be_started_leaves_nothing()
    {
        var folder = Directory.CreateTempSubdirectory("containerd-failing-runtime-").FullName;
        try
        {
            var failing = Path.Combine(folder, "failing-runc");
            await File.WriteAllTextAsync(
                failing,
                "#!/bin/sh\ncase \" $* \" in *' start '*) echo no luck >&2; exit 1;; esac\nexec runc \"$@\"\n"
            );
            await Shell.RunAsync("chmod", "+x", failing);
            Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -RuntimeOption @{{ BinaryName = '{failing}' }} {Idle}");
            foreach (var options in new[] { "-WithStdin", "-NoLog", $"-LogPath {folder}/log" })
            {
                Engine.Require($"New-CtrTask {Id} {options}");
                var error = Engine.Invoke($"Start-CtrTask {Id}").Error;
                AssertError(error, ErrorIds.TaskFailed, "StartCtrTask", ErrorCategory.OperationStopped, Id);
                Assert.Contains("no luck", error.ToString(), StringComparison.Ordinal);
                AssertError(
                    Engine.Invoke($"Get-CtrTask {Id}").Error,
                    ErrorIds.TaskNotFound,
                    "GetCtrTask",
                    ErrorCategory.ObjectNotFound,
                    Id
                );
                Assert.All(LogFolders(Id), logs => Assert.Empty(Directory.EnumerateFileSystemEntries(logs)));
            }

            Engine.Require($"Remove-CtrContainer {Id}");
            await AssertGoneAsync(Id);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_missing_command_is_detected_when_the_task_is_created()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -- no-such-program");
        AssertError(
            Engine.Invoke($"New-CtrTask {Id} -WithStdin").Error,
            ErrorIds.CommandNotFound,
            "NewCtrTask",
            ErrorCategory.ObjectNotFound,
            Id
        );
        AssertError(Engine.Invoke($"Get-CtrTask {Id}").Error, ErrorIds.TaskNotFound, "GetCtrTask", ErrorCategory.ObjectNotFound, Id);
        Assert.All(LogFolders(Id), folder => Assert.Empty(Directory.EnumerateFileSystemEntries(folder)));
    }

    [Fact]
    public void A_container_that_cannot_be_created_is_one_error_and_WhatIf_creates_nothing()
    {
        AssertError(Engine.Invoke($"New-CtrTask {Id}").Error, ErrorIds.ContainerNotFound, "NewCtrTask", ErrorCategory.ObjectNotFound, Id);
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} {Idle} | New-CtrTask -WhatIf");
        AssertError(
            Engine.Invoke($"New-CtrTask {Id} -LogPath /no/such/folder/log").Error,
            ErrorIds.LogNotWritable,
            "NewCtrTask",
            ErrorCategory.PermissionDenied,
            Id
        );
        AssertError(Engine.Invoke($"Get-CtrTask {Id}").Error, ErrorIds.TaskNotFound, "GetCtrTask", ErrorCategory.ObjectNotFound, Id);
        Assert.All(LogFolders(Id), folder => Assert.Empty(Directory.EnumerateFileSystemEntries(folder)));
    }

    [Fact]
    public void Removing_and_stopping_a_created_task_works()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} {Idle} | New-CtrTask -WithStdin");
        AssertError(Engine.Invoke($"Remove-CtrTask {Id}").Error, ErrorIds.TaskRunning, "RemoveCtrTask", ErrorCategory.ResourceBusy, Id);
        Engine.Require($"Remove-CtrTask {Id} -Force; New-CtrTask {Id}; Stop-CtrTask {Id}; Remove-CtrTask {Id}");
        AssertError(Engine.Invoke($"Get-CtrTask {Id}").Error, ErrorIds.TaskNotFound, "GetCtrTask", ErrorCategory.ObjectNotFound, Id);
    }
}
