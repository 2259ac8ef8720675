using System.Management.Automation;
using System.Security.Cryptography;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Exec;

/// <summary>Files as the streams of a process: -InFile, -OutFile and -ErrorFile.</summary>
public sealed class ProcessFileTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    protected override async Task PrepareAsync()
    {
        await StartAsync();
        Engine.Require($"$null = $ExecutionContext.SessionState.Path.SetLocation('{Folder}')");
    }

    private string In(string name) => Path.Combine(Folder, name);

    private string Text(string name) => File.ReadAllText(In(name));

    private void Write(string name, string text) => File.WriteAllText(In(name), text);

    private void Fails(string script, string id, ErrorCategory category, string cmdlet = "InvokeCtrExec")
    {
        var done = Engine.Invoke(script);
        AssertError(done.Error, id, cmdlet, category);
        Assert.Empty(done.Output);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Bytes_go_through_a_process_from_file_to_file_unchanged(bool exec)
    {
        var data = RandomNumberGenerator.GetBytes(5 * 1024 * 1024 + 17);
        await File.WriteAllBytesAsync(In("in [1].bin"), data, TestContext.Current.CancellationToken);
        var done = Engine.Invoke(
            $"{(exec ? $"Invoke-CtrExec {Id}" : $"Invoke-CtrContainer {Busybox}")} -InFile 'in [1].bin' -OutFile './out [1].bin' -ErrorFile 'FileSystem::{Folder}/err' -- sh -c 'cat; echo é >&2'; $LASTEXITCODE"
        );
        Assert.Empty(done.Errors);
        Assert.Empty(done.Information);
        Assert.Equal([0], done.Output.Select(o => o.BaseObject));
        Assert.Equal(data, await File.ReadAllBytesAsync(In("out [1].bin"), TestContext.Current.CancellationToken));
        Assert.Equal("é\n", Text("err"));
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Fact]
    public void A_dump_and_its_restore_are_one_line_each()
    {
        Engine.Require($"Invoke-CtrExec {Id} -OutFile dump.tar -- tar -c /etc");
        Engine.Require($"Invoke-CtrExec {Id} -InFile dump.tar -- tar -x -C /tmp");
        Assert.Empty(Engine.Require($"Invoke-CtrExec {Id} -- diff -r /etc /tmp/etc"));
    }

    [Fact]
    public void The_container_can_come_from_the_pipeline()
    {
        Write("in", "from the file");
        Assert.Empty(Engine.Require($"Get-CtrTask {Id} | Invoke-CtrExec -InFile in -OutFile out -- cat"));
        Assert.Equal("from the file", Text("out"));
        Assert.Equal(["from the file"], Engine.Require($"Get-CtrTask {Id} | Invoke-CtrExec -InFile in cat").Select(o => o.ToString()));
    }

    [Fact]
    public void A_file_keeps_its_inode_and_mode_and_what_came_before_the_process_failed()
    {
        Write("out", "a longer content than the new one");
        File.SetUnixFileMode(In("out"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.CreateSymbolicLink(In("link"), "out");
        var done = Engine.Invoke($"Invoke-CtrExec {Id} -OutFile link -- sh -c 'printf half; exit 3'; $LASTEXITCODE");
        AssertError(done.Error, ErrorIds.ProcessExitedNonZero, "InvokeCtrExec", ErrorCategory.InvalidResult);
        Assert.Equal([3], done.Output.Select(o => o.BaseObject));
        Assert.Equal("half", Text("out"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(In("out")));
        Assert.NotNull(new FileInfo(In("link")).LinkTarget);

        Engine.Require($"Invoke-CtrExec {Id} -OutFile out -ErrorFile new -- true");
        Assert.Equal("", Text("out"));
        Assert.Equal("", Text("new"));
    }

    [Fact]
    public async Task After_Ctrl_C_the_file_has_what_came()
    {
        var running = Engine.Start(
            $"Invoke-CtrExec {Id} -OutFile '{In("out")}' -ErrorFile '{In("err")}' -- sh -c 'echo begun; exec sleep 783'"
        );
        await Eventually.TrueAsync(() => File.Exists(In("out")) && Text("out") == "begun\n");
        await running.StopAsync();
        Assert.Equal("begun\n", Text("out"));
        // No byte came for it, and it did not exist before.
        Assert.False(File.Exists(In("err")));
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Fact]
    public void Without_a_process_files_do_not_change()
    {
        Write("out", "old");
        Fails(
            $"Invoke-CtrExec {Id} -OutFile out -ErrorFile new -- no-such-command",
            ErrorIds.CommandNotFound,
            ErrorCategory.ObjectNotFound
        );
        Fails(
            "Invoke-CtrExec no-such-container -OutFile out -ErrorFile new -- true",
            ErrorIds.ContainerNotFound,
            ErrorCategory.ObjectNotFound
        );
        Fails(
            "Invoke-CtrContainer localhost:1/none:none -Pull Never -OutFile out -ErrorFile new -- true",
            ErrorIds.ImageNotFound,
            ErrorCategory.ObjectNotFound,
            "InvokeCtrContainer"
        );
        Assert.Empty(Engine.Require($"Invoke-CtrExec {Id} -OutFile out -ErrorFile new -WhatIf -- echo x"));
        Assert.Equal("old", Text("out"));
        Assert.False(File.Exists(In("new")));
    }

    [Fact]
    public void Both_outputs_can_go_to_one_file_and_a_result_has_neither()
    {
        Engine.Require($"Invoke-CtrExec {Id} -OutFile both -StandardError Output -- sh -c 'echo out; echo err >&2'");
        // Two pipes have no order.
        Assert.Equal(["err", "out"], Text("both").Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
        var result = Engine.Require<CtrExecResult>(
            $"Invoke-CtrExec {Id} -OutFile out -ErrorFile err -PassThru -- sh -c 'echo out; echo err >&2; exit 4'"
        );
        Assert.Equal(4, result.ExitCode);
        Assert.Empty((string[])result.Output!);
        Assert.Empty(result.ErrorOutput!);
        Assert.Equal("out\n|err\n", $"{Text("out")}|{Text("err")}");
        // The stream without a file stays in the pipeline.
        Assert.Equal("out", Engine.Require($"Invoke-CtrExec {Id} -ErrorFile err -- sh -c 'echo out; echo e2 >&2'").Single().ToString());
        Assert.Equal("e2\n", Text("err"));
    }

    [Fact]
    public void NoClobber_keeps_existing_files()
    {
        Write("old", "old");
        Fails($"Invoke-CtrExec {Id} -OutFile old -NoClobber -- echo x", ErrorIds.FileExists, ErrorCategory.ResourceExists);
        Fails($"Invoke-CtrExec {Id} -OutFile new -ErrorFile old -NoClobber -- echo x", ErrorIds.FileExists, ErrorCategory.ResourceExists);
        Assert.Equal("old", Text("old"));
        Assert.False(File.Exists(In("new")));
        Engine.Require($"Invoke-CtrExec {Id} -OutFile new -NoClobber -- echo x");
        Assert.Equal("x\n", Text("new"));
    }

    [Fact]
    public void Files_that_cannot_be_used_are_one_error_before_the_process_starts()
    {
        Write("one", "1");
        File.CreateSymbolicLink(In("two"), "one");
        Directory.CreateDirectory(In("folder"));
        var touch = "touch /tmp/started";
        (string Files, string Id, ErrorCategory Category)[] cases =
        [
            ("-InFile missing -OutFile new", ErrorIds.FileNotFound, ErrorCategory.ObjectNotFound),
            ("-InFile folder -OutFile new", ErrorIds.NotAFile, ErrorCategory.InvalidArgument),
            ("-InFile Env:/PATH", ErrorIds.NotAFilePath, ErrorCategory.InvalidArgument),
            ("-OutFile Env:/PATH", ErrorIds.NotAFilePath, ErrorCategory.InvalidArgument),
            ("-OutFile folder", ErrorIds.FileNotWritable, ErrorCategory.WriteError),
            ("-OutFile missing/new", ErrorIds.FileNotWritable, ErrorCategory.WriteError),
            ("-OutFile new -ErrorFile folder/", ErrorIds.FileNotWritable, ErrorCategory.WriteError),
            ("-InFile one -OutFile one", ErrorIds.SameItem, ErrorCategory.InvalidArgument),
            ("-InFile one -OutFile two", ErrorIds.SameItem, ErrorCategory.InvalidArgument),
            ("-InFile one -ErrorFile two", ErrorIds.SameItem, ErrorCategory.InvalidArgument),
            ("-OutFile one -ErrorFile two", ErrorIds.SameItem, ErrorCategory.InvalidArgument),
            ("-OutFile new -ErrorFile ./new", ErrorIds.SameItem, ErrorCategory.InvalidArgument),
            ("-OutFile new -ErrorFile new -NoClobber", ErrorIds.SameItem, ErrorCategory.InvalidArgument),
        ];
        foreach (var (files, id, category) in cases)
        {
            Fails($"Invoke-CtrExec {Id} {files} -- {touch}", id, category);
            Assert.False(File.Exists(In("new")), files);
        }

        Assert.Equal("1", Text("one"));
        Assert.Equal(
            "no",
            Engine.Require($"Invoke-CtrExec {Id} -- sh -c '[ -e /tmp/started ] && echo yes || echo no'").Single().ToString()
        );
    }

    [Theory]
    [InlineData("-OutFile out -Tty")]
    [InlineData("-ErrorFile out -Tty")]
    [InlineData("-InFile in -Tty")]
    [InlineData("-InFile in -Interactive")]
    [InlineData("-InFile in -InputObject x")]
    [InlineData("-OutFile out -Raw")]
    [InlineData("-OutFile out -AsByteStream")]
    [InlineData("-ErrorFile out -StandardError Error")]
    [InlineData("-NoClobber")]
    public void Other_uses_of_the_same_stream_are_rejected(string parameters)
    {
        Write("in", "");
        Fails($"Invoke-CtrExec {Id} {parameters} -- echo x", ErrorIds.ConflictingParameters, ErrorCategory.InvalidArgument);
        Fails(
            $"Invoke-CtrContainer {Busybox} {parameters} -- echo x",
            ErrorIds.ConflictingParameters,
            ErrorCategory.InvalidArgument,
            "InvokeCtrContainer"
        );
        Assert.False(File.Exists(In("out")));
    }

    [Theory]
    [InlineData("-OutFile out -Detach")]
    [InlineData("-InFile in -NoStart")]
    public void A_background_process_has_no_files(string parameters)
    {
        var done = Engine.Invoke($"Invoke-CtrExec {Id} {parameters} -- echo x");
        AssertError(done.Error, ErrorIds.ConflictingParameters, "InvokeCtrExec", ErrorCategory.InvalidArgument);
        Assert.False(File.Exists(In("out")));
    }

    [Fact]
    public async Task Two_containers_do_not_write_one_file()
    {
        var other = NewId();
        await StartAsync(id: other);
        var done = Engine.Invoke($"'{Id}', '{other}' | Get-CtrTask | Invoke-CtrExec -OutFile out -- hostname");
        AssertError(done.Error, ErrorIds.FileExists, "InvokeCtrExec", ErrorCategory.ResourceExists);
        Assert.Single(done.Errors);
        Assert.Equal(Id + "\n", Text("out"));
        Engine.Require($"'{Id}', '{other}' | ForEach-Object {{ Invoke-CtrExec $_ -OutFile \"$_.txt\" -- hostname }}");
        Assert.Equal(other + "\n", Text(other + ".txt"));
    }

    [Fact]
    public async Task Named_pipes_and_devices_are_written_and_read_as_what_they_are()
    {
        var pipe = In("pipe");
        await Shell.RunAsync("mkfifo", pipe);
        // More than a pipe holds.
        var reading = Task.Run(() => File.ReadAllBytes(pipe), TestContext.Current.CancellationToken);
        Engine.Require($"Invoke-CtrExec {Id} -OutFile pipe -ErrorFile /dev/null -- sh -c 'dd if=/dev/zero bs=1000 count=1000'");
        Assert.Equal(1_000_000, (await reading).Length);
        var writing = Task.Run(() => File.WriteAllBytes(pipe, new byte[300_000]), TestContext.Current.CancellationToken);
        Engine.Require($"Invoke-CtrExec {Id} -InFile pipe -OutFile count -- wc -c");
        await writing;
        Assert.Equal("300000\n", Text("count"));
        // A process that does not read is not held up by a writer that does not come to its end.
        Assert.Equal("done", Engine.Require($"Invoke-CtrExec {Id} -InFile /dev/zero -- echo done").Single().ToString());
        Assert.Equal("fifo\ncharacter special file\n", await Shell.RunAsync("stat", "-c", "%F", pipe, "/dev/null"));
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Fact]
    public void A_full_device_is_an_error_and_the_process_does_not_remain()
    {
        Fails(
            $"Invoke-CtrExec {Id} -OutFile /dev/full -- sh -c 'echo x; exec sleep 784'",
            ErrorIds.FileNotWritable,
            ErrorCategory.WriteError
        );
        Assert.DoesNotContain(Engine.Require($"Invoke-CtrExec {Id} -- ps -o args"), l =>
            l.ToString().Contains("784", StringComparison.Ordinal)
        );
    }
}
