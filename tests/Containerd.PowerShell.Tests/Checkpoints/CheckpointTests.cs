using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Checkpoints;

/// <summary>Saving a task, and starting it again in its container.</summary>
public sealed class CheckpointTests(DaemonFixtures fixtures) : CheckpointTest(fixtures)
{
    [Theory]
    [InlineData("bookworm", "", "checkpoint")]
    [InlineData("sid", "", "checkpoint")]
    [InlineData("bookworm", "-Tty", "checkpoint")]
    [InlineData("sid", "-Tty", "checkpoint")]
    [InlineData("bookworm", "", "checkpoint.tar")]
    [InlineData("sid", "-Tty", "checkpoint.tgz")]
    [InlineData("sid", "", "checkpoint.tar.zst")]
    public async Task A_counter_in_memory_resumes_at_its_value(string suite, string options, string name)
    {
        await UseCriuAsync(suite);
        var first = await StartCounterAsync(options);
        var path = Path.Combine(Folder, name);
        var saved = Engine.Require<CtrCheckpoint>($"Checkpoint-CtrTask {Id} '{path}' -Exit");
        Assert.Equal(
            (Id, path, true, TestImages.Busybox, "io.containerd.runc.v2", true),
            (saved.ContainerId, saved.Path, saved.Exit, saved.Image, saved.Runtime, saved.HasRootfs)
        );
        Assert.Equal(
            (name != "checkpoint", options.Length > 0, DaemonFixture.Namespace),
            (saved.IsArchive, saved.Terminal, saved.Namespace)
        );
        Assert.Equal(CtrStatus.Stopped, Status());
        var counted = Counted().Length;

        var task = Engine.Require<CtrTask>($"Start-CtrTask {Id} -CheckpointPath '{path}'");
        Assert.Equal((CtrStatus.Running, options.Length > 0), (task.Status, task.Terminal));
        Assert.NotEqual(first.Pid, task.Pid);
        await CountsOnAsync();
        Assert.Equal(1, AssertConsecutive());
        Assert.True(Counted().Length > counted);
        // The spec is the container's own again, and so is what follows.
        Assert.DoesNotContain("org.criu", Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").Spec!.ToJson(), StringComparison.Ordinal);
        Assert.Equal(137, Engine.Require<CtrExit>($"Stop-CtrTask {Id} -Force").ExitCode);
        Engine.Require($"Remove-CtrContainer {Id}");
        await AssertGoneAsync(Id);
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task Without_Exit_the_task_continues_and_each_checkpoint_is_consistent(string suite)
    {
        await UseCriuAsync(suite);
        var task = await StartCounterAsync();
        // The second of the same spec: some versions of containerd stumble over what the first one stored.
        var saved = Engine
            .Require($"Checkpoint-CtrTask {Id} '{CheckpointPath}-1'; Checkpoint-CtrTask {Id} '{CheckpointPath}-2'")
            .Select(o => (CtrCheckpoint)o.BaseObject)
            .ToList();
        Assert.All(saved, s => Assert.False(s.Exit));
        Assert.NotEqual(saved[0].CheckpointId, saved[1].CheckpointId);
        Assert.Equal((CtrStatus.Running, task.Pid), (Status(), Engine.Require<CtrTask>($"Get-CtrTask {Id}").Pid));
        await CountsOnAsync();
        Assert.Equal(1, AssertConsecutive());

        var end = Engine.Require<CtrExit>($"Stop-CtrTask {Id} -Force; $null = Remove-CtrTask {Id}");
        Assert.Equal(137, end.ExitCode);
        var counted = Counted();
        Engine.Require($"Start-CtrTask {Id} -CheckpointPath '{CheckpointPath}-1'");
        await Eventually.TrueAsync(() => Counted().Length > counted.Length);
        // It has its memory back, of before.
        Assert.InRange(Counted()[counted.Length], 2, counted[^1]);
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_counter_continues_after_repeated_saves_and_restores(string suite)
    {
        await UseCriuAsync(suite);
        await StartCounterAsync();
        for (var i = 0; i < 3; i++)
        {
            Engine.Require($"Checkpoint-CtrTask {Id} '{CheckpointPath}-{i}.tar.gz' -Exit | Start-CtrTask");
            await CountsOnAsync();
        }

        Assert.Equal(1, AssertConsecutive());
    }

    [Theory]
    [InlineData("bookworm", "")]
    [InlineData("sid", "-Tty")]
    public async Task Standard_input_and_output_work_after_a_restore(string suite, string options)
    {
        await UseCriuAsync(suite);
        string[] Lines(string? id = null) => [.. Engine.Require($"Get-CtrLog {id ?? Id}").Select(l => l.ToString()!.TrimEnd('\r'))];
        await StartAsync(
            "-- sh -c 'stty -echo 2>/dev/null; echo ready; n=0; while read line; do n=$((n+1)); echo $n $line; done; echo end'",
            options: options,
            startOptions: "-WithStdin"
        );
        Engine.Require($"Send-CtrInput {Id} one");
        await Eventually.TrueAsync(() => Lines().Contains("1 one"));
        Engine.Require(
            $"Checkpoint-CtrTask {Id} '{CheckpointPath}' -Exit; Start-CtrTask {Id} -CheckpointPath '{CheckpointPath}'; Send-CtrInput {Id} two; Send-CtrInput {Id} three -Close"
        );
        Assert.Equal(0, Engine.Require<CtrExit>($"Wait-CtrTask {Id} -Timeout 20").ExitCode);
        await Eventually.TrueAsync(() => Lines()[^1] == "end");
        Assert.Equal(["ready", "1 one", "2 two", "3 three", "end"], Lines());

        Engine.Require($"Restore-CtrContainer '{CheckpointPath}' {Id}-new; Send-CtrInput {Id}-new other -Close");
        Assert.Equal(0, Engine.Require<CtrExit>($"Wait-CtrTask {Id}-new -Timeout 20").ExitCode);
        await Eventually.TrueAsync(() => Lines($"{Id}-new")[^1] == "end");
        Assert.Equal(["2 other", "end"], Lines($"{Id}-new"));
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task Output_goes_to_the_destination_of_the_restore(string suite)
    {
        await UseCriuAsync(suite);
        await StartCounterAsync();
        var log = Path.Combine(Folder, "log");
        Engine.Require(
            $"Checkpoint-CtrTask {Id} '{CheckpointPath}' -Exit; Start-CtrTask {Id} -CheckpointPath '{CheckpointPath}' -LogPath '{log}'"
        );
        await Eventually.TrueAsync(() => File.ReadAllLines(log).Length > 2);
        Engine.Require($"Stop-CtrTask {Id} -Force; Start-CtrTask {Id} -CheckpointPath '{CheckpointPath}' -NoLog");
        Assert.Equal(CtrStatus.Running, Status());
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_paused_task_stays_paused_and_is_running_when_it_is_restored(string suite)
    {
        await UseCriuAsync(suite);
        await StartCounterAsync();
        Engine.Require($"Suspend-CtrTask {Id}; Checkpoint-CtrTask {Id} '{CheckpointPath}'");
        Assert.Equal(CtrStatus.Paused, Status());
        Engine.Require(
            $"Resume-CtrTask {Id}; Suspend-CtrTask {Id}; Checkpoint-CtrTask {Id} '{CheckpointPath}-end' -Exit; Start-CtrTask {Id} -CheckpointPath '{CheckpointPath}-end'; Restore-CtrContainer '{CheckpointPath}' {Id}-new"
        );
        foreach (var id in new[] { Id, $"{Id}-new" })
        {
            Assert.Equal(CtrStatus.Running, Status(id));
            await CountsOnAsync(id);
            AssertConsecutive(id);
        }
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task Execs_continue_and_are_not_part_of_it(string suite)
    {
        await UseCriuAsync(suite);
        await StartCounterAsync();
        Engine.Require($"Invoke-CtrExec {Id} -ExecId side -Detach -- sleep 1000; Checkpoint-CtrTask {Id} '{CheckpointPath}'");
        Assert.Single(Engine.Require($"(Connect-CtrTask {Id}).Execs"));
        Engine.Require($"Restore-CtrContainer '{CheckpointPath}' {Id}-new");
        await CountsOnAsync($"{Id}-new");
        Assert.DoesNotContain(Engine.Require($"Invoke-CtrExec {Id}-new -- ps"), line =>
            line.ToString()!.Contains("sleep 1000", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_checkpoint_leaves_nothing_in_containerd_or_in_temporary_folders(string suite)
    {
        await UseCriuAsync(suite);
        // Alone in a namespace, so that all its objects belong to this test.
        var ns = PrivateDaemon.Unique("left");
        await DaemonFixture.ImportAsync(ns, await TestImages.BusyboxTarAsync());
        using var engine = DaemonFixture.Open(ns);
        async Task<string[]> StoredAsync() =>
            [
                .. (await DaemonFixture.LeftAsync(ns)).Order(StringComparer.Ordinal),
                .. (await DaemonFixture.CtrInAsync(ns, "content", "ls", "-q")).Split('\n'),
                .. (await DaemonFixture.CtrInAsync(ns, "snapshots", "ls")).Split('\n').Select(l => l.TrimEnd()),
            ];
        engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} {Counter} | Start-CtrTask; New-CtrContainer {Id}-tcp -Image {Busybox} {Connected} | Start-CtrTask"
        );
        await Eventually.TrueAsync(() => engine.Require($"Get-CtrLog {Id}-tcp").Count > 0);
        var before = await StoredAsync();
        engine.Require($"Checkpoint-CtrTask {Id} '{CheckpointPath}'; Checkpoint-CtrTask {Id} '{CheckpointPath}.tar'");
        Assert.Equal(before, await StoredAsync());
        engine.Require($"Restore-CtrContainer '{CheckpointPath}.tar' {Id}-new; Remove-CtrContainer {Id}-new -Force");
        Assert.Equal(before, await StoredAsync());

        // And when it fails: on the way out, on the way in, and before anything is there.
        File.Copy($"{CheckpointPath}.tar", $"{CheckpointPath}.cut.tar");
        using (var cut = new FileStream($"{CheckpointPath}.cut.tar", FileMode.Open))
            cut.SetLength(cut.Length / 2);
        foreach (
            var attempt in new[]
            {
                $"Restore-CtrContainer '{CheckpointPath}.cut.tar' {Id}-new",
                $"Restore-CtrContainer '{CheckpointPath}.tar' {Id}",
                $"Restore-CtrContainer '{CheckpointPath}' {Id}-new -WithStdin",
                $"Checkpoint-CtrTask {Id}-tcp '{CheckpointPath}-tcp'",
                $"Checkpoint-CtrTask {Id}-tcp '{CheckpointPath}-tcp.tar' -Exit",
            }
        )
        {
            _ = engine.Invoke(attempt).Error;
            Assert.Equal(before, await StoredAsync());
        }

        Assert.Equal(
            ["checkpoint", "checkpoint.cut.tar", "checkpoint.tar"],
            Directory.EnumerateFileSystemEntries(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
        engine.Require($"Get-CtrContainer | Remove-CtrContainer -Force");
        var now = Temporary();
        await Eventually.TrueAsync(() => !now.Intersect(Temporary()).Any());
        await DaemonFixture.AssertPipesGoAsync();

        static string[] Temporary() => [.. Directory.EnumerateFileSystemEntries(Path.GetTempPath(), "ctr*-checkpoint*")];
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_checkpoint_that_fails_leaves_the_task_running_and_no_files(string suite)
    {
        await UseCriuAsync(suite);
        await StartAsync(Connected);
        await CountsOnAsync();
        foreach (var exit in new[] { "", "-Exit" })
        {
            foreach (var path in new[] { $"{CheckpointPath}/a/b", $"{CheckpointPath}.tar", $"{CheckpointPath}/a.tar.gz" })
            {
                await AssertUnchangedAsync(
                    () => Engine.Invoke($"Checkpoint-CtrTask {Id} '{path}' {exit}"),
                    error =>
                    {
                        AssertError(error, ErrorIds.CheckpointFailed, "CheckpointCtrTask", ErrorCategory.OperationStopped, Id);
                        Assert.Contains("CRIU says: ", error.Exception.Message, StringComparison.Ordinal);
                        Assert.Contains("-AllowOpenTcp", error.ErrorDetails?.RecommendedAction, StringComparison.Ordinal);
                    }
                );
                await CountsOnAsync();
            }
        }

        Assert.Equal(1, AssertConsecutive());
        // A directory of the caller's own stays, and stays empty.
        Directory.CreateDirectory(CheckpointPath);
        Assert.NotEmpty(Engine.Invoke($"Checkpoint-CtrTask {Id} '{CheckpointPath}'").Errors);
        Assert.Empty(Directory.EnumerateFileSystemEntries(CheckpointPath));
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task On_a_full_disk_the_task_continues_and_the_reason_is_reported(string suite)
    {
        await UseCriuAsync(suite);
        await StartCounterAsync();
        var small = Path.Combine(Folder, "small");
        Directory.CreateDirectory(small);
        await Shell.RunAsync("mount", "-t", "tmpfs", "-o", "size=64k", "none", small);
        try
        {
            foreach (var path in "x x.tar".Split(' '))
            {
                var error = Engine.Invoke($"Checkpoint-CtrTask {Id} '{small}/{path}' -Exit").Error;
                AssertError(error, ErrorIds.CheckpointFailed, "CheckpointCtrTask", ErrorCategory.OperationStopped, Id);
                Assert.Contains("No space left on device", error.Exception.Message, StringComparison.Ordinal);
                Assert.Empty(Directory.EnumerateFileSystemEntries(small));
                await CountsOnAsync();
            }
        }
        finally
        {
            await Shell.RunAsync("umount", small);
        }
    }

    [Fact]
    public async Task WhatIf_saves_and_restores_nothing()
    {
        await UseCriuAsync("bookworm");
        await StartCounterAsync();
        Engine.Require($"Checkpoint-CtrTask {Id} '{CheckpointPath}' -Exit -WhatIf");
        Assert.False(Directory.Exists(CheckpointPath));
        Assert.Equal(CtrStatus.Running, Status());
        Engine.Require($"Checkpoint-CtrTask {Id} '{CheckpointPath}' -Exit");
        Engine.Require(
            $"Start-CtrTask {Id} -CheckpointPath '{CheckpointPath}' -WhatIf; Restore-CtrContainer '{CheckpointPath}' {Id}-new -WhatIf"
        );
        Assert.Equal(CtrStatus.Stopped, Status());
        Assert.Empty(Engine.Require($"Get-CtrContainer {Id}-new*"));
    }

    [Fact]
    public async Task Several_tasks_from_the_pipeline_have_separate_paths()
    {
        await UseCriuAsync("bookworm");
        var tasks = new[] { $"{Id}-a", $"{Id}-b" };
        foreach (var id in tasks)
            await StartCounterAsync(id: id);
        var saved = Engine
            .Require($"Get-CtrTask {Id}* | Checkpoint-CtrTask -Path {{ \"{Folder}/$($_.ContainerId).tar\" }} -Exit")
            .Select(o => (CtrCheckpoint)o.BaseObject)
            .ToList();
        Assert.Equal(tasks.Select(id => $"{Folder}/{id}.tar"), saved.Select(s => s.Path));
        Assert.All(saved, s => Assert.Equal(new FileInfo(s.Path).Length, s.Size));
        Engine.Require($"'{Id}-a' | Start-CtrTask -CheckpointPath '{Folder}/{Id}-a.tar'");
        await CountsOnAsync(tasks[0]);
        Assert.Equal(1, AssertConsecutive(tasks[0]));

        // One path for two: the second is an error of its own.
        Engine.Require($"Start-CtrTask {Id}-b");
        var done = Engine.Invoke($"'{Id}-a', '{Id}-b' | Checkpoint-CtrTask -Path '{CheckpointPath}'");
        Assert.Equal($"{Id}-a", Assert.Single(done.Of<CtrCheckpoint>()).ContainerId);
        AssertError(done.Error, ErrorIds.CheckpointPathExists, "CheckpointCtrTask", ErrorCategory.ResourceExists, $"{Id}-b");
    }

    [Fact]
    public async Task A_task_that_is_not_running_or_a_path_in_use_is_one_error()
    {
        await UseCriuAsync("bookworm");
        AssertError(
            Engine.Invoke($"Checkpoint-CtrTask {Id} '{CheckpointPath}'").Error,
            ErrorIds.ContainerNotFound,
            "CheckpointCtrTask",
            ErrorCategory.ObjectNotFound,
            Id
        );
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} {Idle}");
        AssertError(
            Engine.Invoke($"Checkpoint-CtrTask {Id} '{CheckpointPath}'").Error,
            ErrorIds.TaskNotFound,
            "CheckpointCtrTask",
            ErrorCategory.ObjectNotFound,
            Id
        );
        Engine.Require($"New-CtrTask {Id}");
        AssertError(
            Engine.Invoke($"Checkpoint-CtrTask {Id} '{CheckpointPath}'").Error,
            ErrorIds.TaskNotRunning,
            "CheckpointCtrTask",
            ErrorCategory.ResourceBusy,
            Id
        );
        Engine.Require($"Start-CtrTask {Id}");

        Directory.CreateDirectory($"{CheckpointPath}-full/something");
        await File.WriteAllTextAsync($"{CheckpointPath}-file", "mine", TestContext.Current.CancellationToken);
        Directory.CreateDirectory($"{CheckpointPath}.tar");
        foreach (var taken in new[] { $"{CheckpointPath}-full", $"{CheckpointPath}-file", $"{CheckpointPath}.tar" })
            await AssertUnchangedAsync(
                () => Engine.Invoke($"Checkpoint-CtrTask {Id} '{taken}'"),
                error => AssertError(error, ErrorIds.CheckpointPathExists, "CheckpointCtrTask", ErrorCategory.ResourceExists, Id)
            );
        await AssertUnchangedAsync(
            () => Engine.Invoke($"Checkpoint-CtrTask {Id} '{CheckpointPath}-file/below'"),
            error => AssertError(error, ErrorIds.CheckpointNotWritable, "CheckpointCtrTask", ErrorCategory.PermissionDenied, Id)
        );
        await AssertUnchangedAsync(
            () => Engine.Invoke($"Checkpoint-CtrTask {Id} '{CheckpointPath}' -WorkPath '{CheckpointPath}/work'"),
            error => AssertError(error, ErrorIds.InvalidWorkPath, "CheckpointCtrTask", ErrorCategory.InvalidArgument)
        );
        AssertError(
            Engine.Invoke($"Checkpoint-CtrTask {Id} Env:PATH").Error,
            ErrorIds.NotAFilePath,
            "CheckpointCtrTask",
            ErrorCategory.InvalidArgument
        );

        Engine.Require($"Checkpoint-CtrTask {Id} '{CheckpointPath}'");
        await AssertUnchangedAsync(
            () => Engine.Invoke($"Start-CtrTask {Id} -CheckpointPath '{CheckpointPath}'"),
            error => AssertError(error, ErrorIds.TaskExists, "StartCtrTask", ErrorCategory.ResourceExists, Id)
        );
    }

    [Fact]
    public async Task A_checkpoint_has_a_view_and_a_name_and_is_accessible_only_to_its_owner()
    {
        await UseCriuAsync("bookworm");
        await StartCounterAsync();
        var shown = Engine.Display($"$saved = Checkpoint-CtrTask {Id} '{CheckpointPath}'; $saved");
        Assert.Contains(Id, shown, StringComparison.Ordinal);
        Assert.DoesNotContain(shown.Split('\n'), line => line.Length > Engine.Width);
        Assert.Equal(CheckpointPath, Assert.Single(Engine.Require("\"$saved\"")).ToString());
        Engine.Require($"Checkpoint-CtrTask {Id} '{CheckpointPath}.tar'");
        Assert.All([CheckpointPath, $"{CheckpointPath}.tar"], path =>
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & (UnixFileMode)0b000_111_111)
        );
    }
}
