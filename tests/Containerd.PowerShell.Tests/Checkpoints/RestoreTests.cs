using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Checkpoints;

/// <summary>New containers from checkpoints.</summary>
public sealed class RestoreTests(DaemonFixtures fixtures) : CheckpointTest(fixtures)
{
    [Theory]
    [InlineData("bookworm", ".tar")]
    [InlineData("sid", ".tar")]
    [InlineData("bookworm", ".tar.gz")]
    [InlineData("sid", ".tzst")]
    [InlineData("sid", "")]
    public async Task A_new_container_has_memory_spec_image_and_read_write_layer(string suite, string ending)
    {
        await UseCriuAsync(suite);
        var path = CheckpointPath + ending;
        await StartCounterAsync("-Label @{ tier = 'front' } -Env @{ COLOR = 'blue' } -Hostname saved -Memory 64m -StopSignal INT");
        Engine.Require(
            $"Invoke-CtrExec {Id} -- sh -c 'echo written > /data; mkdir -p /a/b; ln -s /data /a/b/link; chmod 4711 /data; rm /bin/wget; mkfifo /pipe'"
        );
        var end = Engine.Require<CtrCheckpoint>($"Checkpoint-CtrTask {Id} '{path}'");
        var counted = Counted().Length;
        var old = Engine.Require<CtrContainer>($"Get-CtrContainer {Id}");
        // What it did later, and that it is gone, is nothing to the checkpoint.
        Engine.Require($"Invoke-CtrExec {Id} -- sh -c 'echo later > /data'; Remove-CtrContainer {Id} -Force");

        var made = Engine.Require<CtrContainer>($"Restore-CtrContainer '{path}' {Id}-new");
        Assert.Equal(
            ($"{Id}-new", old.Image, old.Runtime, old.Snapshotter),
            (made.ContainerId, made.Image, made.Runtime, made.Snapshotter)
        );
        Assert.Equal("front", made.Labels["tier"]);
        Assert.Equal(old.Labels["io.containerd.image.config.stop-signal"], made.Labels["io.containerd.image.config.stop-signal"]);
        Assert.Equal($"/{DaemonFixture.Namespace}/{Id}-new", made.Spec!.Linux!.CgroupsPath);
        made.Spec.Linux.CgroupsPath = old.Spec!.Linux!.CgroupsPath;
        Assert.Equal(old.Spec.ToJson(), made.Spec.ToJson());
        Assert.Equal(CtrStatus.Running, Status($"{Id}-new"));

        await CountsOnAsync($"{Id}-new");
        Assert.InRange(AssertConsecutive($"{Id}-new"), 2, counted + 1);
        Assert.Equal(
            ["written", "written", "4711", "prw", "saved", "gone"],
            Engine
                .Require(
                    $$"""
                    Invoke-CtrExec {{Id}}-new -- sh -c 'cat /data /a/b/link; stat -c %a /data; ls -l /pipe | cut -c 1-3; hostname; [ -e /bin/wget ] || echo gone'
                    """
                )
                .Select(l => l.ToString())
        );
        Assert.Equal(64L << 20, Engine.Require<CtrStats>($"Get-CtrStats {Id}-new").MemoryLimit!.Value);

        // The same once more, under the id that was saved; it may then be started from its checkpoint again.
        Engine.Require(
            $"Restore-CtrContainer '{path}'; Stop-CtrTask {Id} -Force; Start-CtrTask {Id} -CheckpointPath '{path}'; Stop-CtrTask {Id}-new -Force; Start-CtrTask {Id}-new -CheckpointPath '{path}'"
        );
        await CountsOnAsync();
        await CountsOnAsync($"{Id}-new");

        // Its log may be of another kind than that of the saved one.
        Engine.Require($"Restore-CtrContainer '{path}' {Id}-timed -LogMaxSize 1MB");
        await Eventually.TrueAsync(() => Engine.Require($"Get-CtrLog {Id}-timed -Timestamps").Count > 1);
        Engine.Require($"Get-CtrContainer {Id}* | Remove-CtrContainer -Force");
        await AssertGoneAsync(Id);
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_terminal_is_restored_into_a_new_container(string suite)
    {
        await UseCriuAsync(suite);
        await StartCounterAsync("-Tty");
        Engine.Require($"Checkpoint-CtrTask {Id} '{CheckpointPath}.tar' -Exit | Restore-CtrContainer -Id {Id}-new");
        Assert.True(Engine.Require<CtrTask>($"Get-CtrTask {Id}-new").Terminal);
        await CountsOnAsync($"{Id}-new");
        Assert.Equal(Counted().Length + 1, AssertConsecutive($"{Id}-new"));
        Engine.Require($"Resize-CtrTerminal {Id}-new -Width 91 -Height 17");
        Assert.Equal("17 91", Engine.Require($"Invoke-CtrExec {Id}-new -- sh -c 'stty size < /proc/1/fd/0'").Single().ToString());
    }

    [Fact]
    public async Task Without_the_rootfs_the_container_continues_and_a_new_one_has_only_the_image()
    {
        await UseCriuAsync("bookworm");
        await StartCounterAsync();
        var saved = Engine.Require<CtrCheckpoint>(
            $"Invoke-CtrExec {Id} -- touch /data; Checkpoint-CtrTask {Id} '{CheckpointPath}' -Exit -IgnoreRootfs"
        );
        Assert.False(saved.HasRootfs);
        Engine.Require($"Start-CtrTask {Id} -CheckpointPath '{CheckpointPath}'; Restore-CtrContainer '{CheckpointPath}' {Id}-new");
        await CountsOnAsync();
        await CountsOnAsync($"{Id}-new");
        Engine.Require($"Invoke-CtrExec {Id} -- test -e /data; Invoke-CtrExec {Id}-new -- test ! -e /data");
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task With_NoStart_it_is_started_later_and_another_snapshotter_works(string suite)
    {
        await UseCriuAsync(suite);
        await StartCounterAsync();
        Engine.Require($"Invoke-CtrExec {Id} -- sh -c 'echo written > /data'; Checkpoint-CtrTask {Id} '{CheckpointPath}.tar' -Exit");
        var made = Engine.Require<CtrContainer>($"Restore-CtrContainer '{CheckpointPath}.tar' {Id}-new -NoStart -Snapshotter native");
        Assert.Equal("native", made.Snapshotter);
        AssertError(
            Engine.Invoke($"Get-CtrTask {Id}-new").Error,
            ErrorIds.TaskNotFound,
            "GetCtrTask",
            ErrorCategory.ObjectNotFound,
            $"{Id}-new"
        );
        Engine.Require($"Start-CtrTask {Id}-new -CheckpointPath '{CheckpointPath}.tar'");
        await CountsOnAsync($"{Id}-new");
        Assert.Equal(Counted().Length + 1, AssertConsecutive($"{Id}-new"));
        Assert.Equal("written", Engine.Require($"Invoke-CtrExec {Id}-new -- cat /data").Single().ToString());
    }

    [Fact]
    public async Task Checkpoints_are_specified_as_paths_with_wildcards_files_and_objects()
    {
        await UseCriuAsync("bookworm");
        await StartCounterAsync();
        var folder = Directory.CreateDirectory($"{Folder}/some[1]").FullName;
        Engine.Require($"1, 2 | ForEach-Object {{ Checkpoint-CtrTask {Id} \"{folder}/{Id}-$_.tar\" }}; Remove-CtrContainer {Id} -Force");
        string[] Restored(string script) =>
            [
                .. Engine
                    .Require(script + $"; Get-CtrContainer {Id}* | Remove-CtrContainer -Force")
                    .Select(o => ((CtrContainer)o.BaseObject).ContainerId),
            ];
        Assert.Equal([Id], Restored($"Restore-CtrContainer -LiteralPath '{folder}/{Id}-1.tar'"));
        Assert.Equal([Id], Restored($"Restore-CtrContainer '{Folder}/some*/{Id}-2.tar'"));
        Assert.Equal(
            [$"{Id}-1", $"{Id}-2"],
            Restored(
                    $"[IO.DirectoryInfo]::new('{folder}').GetFiles() | Restore-CtrContainer -Id {{ [IO.Path]::GetFileNameWithoutExtension($_.Name) }} | ForEach-Object {{ $_ }}"
                )
                .Order(StringComparer.Ordinal)
        );
        Assert.Equal(
            [Id],
            Restored($"$null = $ExecutionContext.SessionState.Path.SetLocation('{Folder}'); './some*/{Id}-1.tar' | Restore-CtrContainer")
        );
        Assert.Equal(
            [$"{Id}-x"],
            Restored($"[Containerd.CtrCheckpoint]@{{ Path = '{folder}/{Id}-1.tar' }} | Restore-CtrContainer -Id {Id}-x")
        );
        Assert.Equal([], Restored($"Restore-CtrContainer '{Folder}/none*'"));
        AssertError(
            Engine.Invoke("Restore-CtrContainer Env:PATH").Error,
            ErrorIds.NotAFilePath,
            "RestoreCtrContainer",
            ErrorCategory.InvalidArgument
        );
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_missing_requirement_of_a_new_container_is_one_error_and_leaves_nothing(string suite)
    {
        await UseCriuAsync(suite);
        await StartCounterAsync();
        Engine.Require($"Checkpoint-CtrTask {Id} '{CheckpointPath}'");
        await AssertUnchangedAsync(
            () => Engine.Invoke($"Restore-CtrContainer '{CheckpointPath}'"),
            error => AssertError(error, ErrorIds.ContainerExists, "RestoreCtrContainer", ErrorCategory.ResourceExists, CheckpointPath)
        );
        await AssertUnchangedAsync(
            () => Engine.Invoke($"Restore-CtrContainer '{CheckpointPath}' {Id}-new -WithStdin"),
            error => AssertError(error, ErrorIds.CheckpointMismatch, "RestoreCtrContainer", ErrorCategory.InvalidArgument, CheckpointPath)
        );
        await AssertUnchangedAsync(
            () => Engine.Invoke($"Restore-CtrContainer '{CheckpointPath}' 'not/an/id'"),
            error => AssertError(error, ErrorIds.InvalidId, "RestoreCtrContainer", ErrorCategory.InvalidArgument)
        );
        await AssertUnchangedAsync(
            () => Engine.Invoke($"Restore-CtrContainer '{CheckpointPath}' {Id}-new -Snapshotter none"),
            error => Assert.Equal(CheckpointPath, error.TargetObject)
        );
        await AssertUnchangedAsync(
            () => Engine.Invoke($"Restore-CtrContainer '{CheckpointPath}' {Id}-new -LogPath /no/such/folder/log"),
            error => AssertError(error, ErrorIds.LogNotWritable, "RestoreCtrContainer", ErrorCategory.PermissionDenied)
        );

        await AssertUnchangedAsync(
            () => Engine.Invoke($"Restore-CtrContainer '{CheckpointPath}' {Id}-new -LogMaxSize 1KB"),
            error => AssertError(error, ErrorIds.InvalidLogSize, "RestoreCtrContainer", ErrorCategory.InvalidArgument)
        );
        await AssertUnchangedAsync(
            () => Engine.Invoke($"Restore-CtrContainer '{CheckpointPath}' {Id}-new -NoStart -NoLog"),
            error => AssertError(error, ErrorIds.ConflictingParameters, "RestoreCtrContainer", ErrorCategory.InvalidArgument)
        );

        // Another namespace has not the image; then, one of that name that has another layer.
        var elsewhere = PrivateDaemon.Unique("elsewhere");
        using var engine = DaemonFixture.Open(elsewhere);
        AssertError(
            engine.Invoke($"Restore-CtrContainer '{CheckpointPath}' {Id}-new").Error,
            ErrorIds.ImageNotFound,
            "RestoreCtrContainer",
            ErrorCategory.ObjectNotFound,
            CheckpointPath
        );
        var other = await OtherImageAsync();
        engine.Require($"Import-CtrImage '{other}'");
        var error = engine.Invoke($"Restore-CtrContainer '{CheckpointPath}' {Id}-new").Error;
        AssertError(error, ErrorIds.CheckpointMismatch, "RestoreCtrContainer", ErrorCategory.InvalidArgument, CheckpointPath);
        Assert.Contains("another image", error.Exception.Message, StringComparison.Ordinal);
        Assert.Empty(await DaemonFixture.LeftAsync(elsewhere));
        // With the right one it is restored there, in a control group of that namespace.
        engine.Require(
            $"Remove-CtrImage {Busybox}; Import-CtrImage '{await TestImages.BusyboxTarAsync()}'; $made = Restore-CtrContainer '{CheckpointPath}'"
        );
        Assert.Equal($"/{elsewhere}/{Id}", engine.Require("$made.Spec.Linux.CgroupsPath").Single().ToString());
        await Eventually.TrueAsync(() => engine.Require($"Get-CtrLog {Id}").Count > 2);
        engine.Require($"Remove-CtrContainer {Id} -Force");
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_failed_restore_names_the_reason_and_leaves_nothing(string suite)
    {
        await UseCriuAsync(suite);
        // A hook of the container's own that works until it is told not to.
        var fail = Path.Combine(Folder, "fail");
        Engine.Require(
            $$"""
            $spec = New-CtrSpec {{Id}} -Image {{Busybox}} {{Counter}}
            $spec.Hooks = @{ CreateRuntime = @(@{ Path = '/bin/sh'; Args = 'sh', '-c', 'cat > /dev/null; [ ! -e {{fail}} ] || { echo not today >&2; exit 1; }' }) }
            New-CtrContainer {{Id}} -Image {{Busybox}} -Spec $spec | Start-CtrTask
            """
        );
        await CountsOnAsync();
        Engine.Require($"Checkpoint-CtrTask {Id} '{CheckpointPath}' -Exit");
        await File.WriteAllTextAsync(fail, "", TestContext.Current.CancellationToken);
        await AssertUnchangedAsync(
            () => Engine.Invoke($"Restore-CtrContainer '{CheckpointPath}' {Id}-new"),
            error =>
            {
                AssertError(error, ErrorIds.RestoreFailed, "RestoreCtrContainer", ErrorCategory.OperationStopped, CheckpointPath);
                Assert.Contains("not today", error.Exception.Message, StringComparison.Ordinal);
                Assert.Contains("ook", error.ErrorDetails?.RecommendedAction, StringComparison.Ordinal);
            }
        );
        AssertError(
            Engine.Invoke($"Start-CtrTask {Id} -CheckpointPath '{CheckpointPath}'").Error,
            ErrorIds.RestoreFailed,
            "StartCtrTask",
            ErrorCategory.OperationStopped,
            Id
        );
        File.Delete(fail);
        Engine.Require($"Start-CtrTask {Id} -CheckpointPath '{CheckpointPath}'");
        await CountsOnAsync();
        Assert.Equal(1, AssertConsecutive());
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_process_that_exits_right_after_the_restore_is_not_a_task_that_runs_forever(string suite)
    {
        await UseCriuAsync(suite);
        await StartAsync("-- sh -c 'echo ready; until [ -e /go ]; do sleep 0.01; done; exit 5'");
        Engine.Require($"Checkpoint-CtrTask {Id} '{CheckpointPath}' -Exit; Restore-CtrContainer '{CheckpointPath}' {Id}-new -NoStart");
        // What it waits for is there before it is.
        var mount = (await DaemonFixture.CtrAsync("snapshots", "mounts", "/x", $"{Id}-new")).Split("upperdir=")[1].Split(',')[0];
        await File.WriteAllTextAsync(Path.Combine(mount, "go"), "", TestContext.Current.CancellationToken);
        var done = Engine.Invoke($"Start-CtrTask {Id}-new -CheckpointPath '{CheckpointPath}'");
        // containerd saw how it ended, or nobody did: then the error says so, and the task is gone.
        if (done.Errors.Count > 0)
            AssertError(done.Error, ErrorIds.RestoreFailed, "StartCtrTask", ErrorCategory.OperationStopped, $"{Id}-new");
        else
            Assert.Equal(5, Engine.Require<CtrExit>($"Wait-CtrTask {Id}-new -Timeout 20").ExitCode);
        Engine.Require($"Remove-CtrContainer {Id}-new");
    }

    /// <summary>An image of the same name with another layer.</summary>
    private async Task<string> OtherImageAsync()
    {
        var (busybox, tar) = (Path.Combine(Folder, "busybox"), Path.Combine(Folder, "other.tar"));
        await Shell.RunAsync("sh", "-c", $"cp /bin/busybox {busybox}; echo >> {busybox}");
        await Shell.RunAsync("env", $"BUSYBOX={busybox}", Repository.Fixture("make-image.sh"), tar, Busybox);
        return tar;
    }
}
