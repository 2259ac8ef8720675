using System.Diagnostics;
using System.Management.Automation;
using System.Security.Cryptography;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Exec;

/// <summary>What an exec reads, and which process it is: user, folder, environment.</summary>
public sealed class ExecInputTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    protected override async Task PrepareAsync() => await StartAsync();

    private string[] Lines(string script) => [.. Engine.Require(script).Select(o => o.ToString())];

    [Fact]
    public async Task Text_is_passed_as_lines_and_bytes_unchanged()
    {
        Assert.Equal(["a", "", "ä", "12"], Lines($"'a', '', 'ä', 12 | Invoke-CtrExec {Id} -- cat"));
        Assert.Equal(
            "61 00 ff 0a",
            string.Join(
                ' ',
                Lines($"[byte[]](0x61, 0, 0xff, 0x0a) | Invoke-CtrExec {Id} -AsByteStream -- cat | ForEach-Object {{ $_.ToString('x2') }}")
            )
        );
        Assert.Equal(
            "61 00",
            string.Join(
                ' ',
                Lines($", [byte[]](0x61, 0) | Invoke-CtrExec {Id} -AsByteStream -- cat | ForEach-Object {{ $_.ToString('x2') }}")
            )
        );
        Assert.Equal(["0"], Lines($"@() | Invoke-CtrExec {Id} -- sh -c 'wc -c | tr -d \" \"'"));
        Assert.Equal(["0"], Lines($"Invoke-CtrExec {Id} -- sh -c 'wc -c | tr -d \" \"'"));
        Assert.Equal(["0"], Lines($"$null | Invoke-CtrExec {Id} -- sh -c 'wc -c | tr -d \" \"'"));
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Fact]
    public void Null_in_a_pipeline_is_ignored_as_for_a_native_command() =>
        Assert.Equal(["a", "b"], Lines($"'a', $null, 'b' | Invoke-CtrExec {Id} -- cat"));

    [Fact]
    public async Task InputObject_is_input_too_line_by_line()
    {
        Assert.Equal(["x"], Lines($"Invoke-CtrExec {Id} -InputObject x -Command cat"));
        Assert.Equal(["x", "y"], Lines($"Invoke-CtrExec {Id} -InputObject x, y -- cat"));
        Assert.Equal(["2"], Lines($"Invoke-CtrExec {Id} -InputObject ([byte[]](1, 2)) -- sh -c 'wc -c | tr -d \" \"'"));
        Assert.Equal(["0"], Lines($"Invoke-CtrExec {Id} -InputObject $null -- sh -c 'wc -c | tr -d \" \"'"));
        Assert.Equal(["here"], Lines($"Invoke-CtrExec -InputObject (Get-CtrContainer {Id}) -Command echo, here"));
        Assert.Equal(["x", "y"], Lines($"Invoke-CtrContainer {Busybox} -InputObject x, y -- cat"));
        AssertError(
            Engine.Invoke($"Invoke-CtrExec {Id} -InputObject x -Interactive -- cat").Error,
            ErrorIds.ConflictingParameters,
            "InvokeCtrExec",
            ErrorCategory.InvalidArgument
        );
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Theory]
    [InlineData("@{ 'A=B' = 'x' }")]
    [InlineData("@{ '' = 'x' }")]
    [InlineData("@{ 'A=B' = $null }")]
    public void The_name_of_a_variable_cannot_contain_characters_that_end_it(string variables) =>
        AssertError(
            Engine.Invoke($"Invoke-CtrExec {Id} -Env {variables} -- true").Error,
            ErrorIds.InvalidEnvironment,
            "InvokeCtrExec",
            ErrorCategory.InvalidArgument
        );

    [Fact]
    public async Task Twenty_megabytes_pass_through_standard_input_unchanged()
    {
        var data = RandomNumberGenerator.GetBytes(20 * 1024 * 1024);
        Engine.Runspace.SessionStateProxy.SetVariable("data", data);
        Assert.Equal(
            [$"{Convert.ToHexString(SHA256.HashData(data)).ToLowerInvariant()}  -"],
            Lines($", $data | Invoke-CtrExec {Id} -- sha256sum")
        );
        Assert.Equal(
            [$"{Convert.ToHexString(SHA256.HashData(data)).ToLowerInvariant()}  -"],
            Lines(
                $"$(for ($i = 0; $i -lt 320; $i++) {{ , $data[($i * 65536)..($i * 65536 + 65535)] }}) | ForEach-Object {{ , [byte[]]$_ }} | Invoke-CtrExec {Id} -- sha256sum".Replace(
                    "$data[($i * 65536)..($i * 65536 + 65535)]",
                    "[ArraySegment[byte]]::new($data, $i * 65536, 65536).ToArray()",
                    StringComparison.Ordinal
                )
            )
        );
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Fact]
    public async Task A_process_that_does_not_read_does_not_hang_the_pipeline()
    {
        var clock = Stopwatch.StartNew();
        var done = Engine.Invoke(
            $"$big = 'x' * 100000; 1..50 | ForEach-Object {{ $big }} | Invoke-CtrExec {Id} -- sh -c 'exec <&-; echo done; exit 6'; $LASTEXITCODE"
        );
        Assert.Equal(["done", 6], done.Output.Select(o => o.BaseObject));
        AssertError(done.Error, ErrorIds.ProcessExitedNonZero, "InvokeCtrExec", ErrorCategory.InvalidResult);
        Assert.Equal(["1"], Lines($"1..20000 | Invoke-CtrExec {Id} -- head -n 1"));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"{clock.Elapsed}");
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Fact]
    public async Task Ctrl_C_while_the_input_is_blocked_returns_the_prompt()
    {
        var running = Engine.Start(
            $"$big = 'x' * 100000; 1..200 | ForEach-Object {{ $big }} | Invoke-CtrExec {Id} -- sh -c 'echo begun; exec sleep 781'"
        );
        await Eventually.TrueAsync(() => running.Output.Count == 1);
        var clock = Stopwatch.StartNew();
        await running.StopAsync();
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(1.5), $"{clock.Elapsed}");
        await Eventually.TrueAsync(() =>
            !string.Join('\n', Lines($"Invoke-CtrExec {Id} -- ps -o args")).Contains("sleep 781", StringComparison.Ordinal)
        );
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Fact]
    public async Task Input_that_fails_upstream_ends_the_process()
    {
        var done = Engine.Invoke($"& {{ 'one'; throw 'broken' }} | Invoke-CtrExec {Id} -- sh -c 'cat; exec sleep 782'");
        Assert.Contains("broken", done.Exception!.Message, StringComparison.Ordinal);
        await Eventually.TrueAsync(() =>
            !string.Join('\n', Lines($"Invoke-CtrExec {Id} -- ps -o args")).Contains("782", StringComparison.Ordinal)
        );
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Theory]
    [InlineData("app", "uid=1000(app) gid=1000(app) groups=29(audio),44(video),1000(app)")]
    [InlineData("1000", "uid=1000(app) gid=1000(app) groups=29(audio),44(video),1000(app)")]
    [InlineData("app:daemon", "uid=1000(app) gid=1(daemon)")]
    [InlineData("1000:29", "uid=1000(app) gid=29(audio)")]
    [InlineData("1234", "uid=1234 gid=0(root)")]
    [InlineData("1234:5678", "uid=1234 gid=5678")]
    [InlineData("root", "uid=0(root) gid=0(root)")]
    public void The_user_is_looked_up_in_the_container(string user, string expected)
    {
        var id = Assert.Single(Lines($"Invoke-CtrExec {Id} -User {user} -- id"));
        var parts = id.Split(" groups=");
        var wanted = expected.Split(" groups=");
        Assert.Equal(wanted[0], parts[0]);
        if (wanted.Length > 1)
            Assert.Equal(wanted[1].Split(',').Order(StringComparer.Ordinal), parts[1].Split(',').Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_user_that_was_added_while_the_container_ran_is_found()
    {
        Engine.Require($"Invoke-CtrExec {Id} -- sh -c 'echo late:x:77:78::/:/bin/sh >> /etc/passwd'");
        Assert.StartsWith("uid=77(late) gid=78", Assert.Single(Lines($"Invoke-CtrExec {Id} -User late -- id")), StringComparison.Ordinal);
    }

    [Fact]
    public void Folder_and_environment_are_as_requested()
    {
        Assert.Equal(["/"], Lines($"Invoke-CtrExec {Id} -- pwd"));
        Assert.Equal(["/var/log"], Lines($"Invoke-CtrExec {Id} -WorkingDirectory /var/log -- pwd"));
        Assert.Equal(
            ["1|two words|", "x=y|"],
            Lines(
                $"Invoke-CtrExec {Id} -Env @{{ A = 1; B = 'two words' }} -- sh -c 'echo \"$A|$B|$C\"'; Invoke-CtrExec {Id} -Env A=x=y, B= -- sh -c 'echo \"$A|$B\"'"
            )
        );
        Assert.Equal(["1 2 3"], Lines($"Invoke-CtrExec {Id} -Env @{{ A = 1 }}, B=2, @{{ C = 3 }} -- sh -c 'echo $A $B $C'"));
        Assert.Contains($"HOSTNAME={Id}", Lines($"Invoke-CtrExec {Id} -- env"));
        Assert.DoesNotContain(Lines($"Invoke-CtrExec {Id} -Env HOSTNAME -- env"), v => v.StartsWith("HOSTNAME", StringComparison.Ordinal));
        Assert.Equal([Id], Lines($"Invoke-CtrExec {Id} -- hostname"));
    }

    [Fact]
    public void Errors_of_what_cannot_be_run_name_the_mistake()
    {
        void Is(string rest, string error, ErrorCategory category, string? cmdlet = null)
        {
            var done = Engine.Invoke($"Invoke-CtrExec {rest}");
            Assert.Empty(done.Output);
            AssertError(done.Error, error, cmdlet ?? "InvokeCtrExec", category);
        }

        Is($"{Id} -- no-such-program", ErrorIds.CommandNotFound, ErrorCategory.ObjectNotFound);
        Is($"{Id} -- /no/such/program x", ErrorIds.CommandNotFound, ErrorCategory.ObjectNotFound);
        Is($"{Id} -- /etc/passwd", ErrorIds.CommandNotExecutable, ErrorCategory.InvalidArgument);
        Is($"{Id} -- /etc", ErrorIds.CommandNotExecutable, ErrorCategory.InvalidArgument);
        Is($"{Id} -WorkingDirectory /no/such -- true", ErrorIds.WorkingDirectoryNotFound, ErrorCategory.ObjectNotFound);
        Is($"{Id} -WorkingDirectory no/slash -- true", ErrorIds.InvalidWorkingDirectory, ErrorCategory.InvalidArgument);
        Is($"{Id} -User nobody-here -- true", ErrorIds.UserNotFound, ErrorCategory.ObjectNotFound);
        Is($"{Id} -User root:nogroup-here -- true", ErrorIds.GroupNotFound, ErrorCategory.ObjectNotFound);
        Is($"{Id} -Env '=x' -- true", ErrorIds.InvalidEnvironment, ErrorCategory.InvalidArgument);
        Is($"{Id} -ExecId a/b -- true", ErrorIds.InvalidId, ErrorCategory.InvalidArgument);
        Is($"{Id}", ErrorIds.NoCommand, ErrorCategory.InvalidArgument);
        Is($"{Id} -- ''", ErrorIds.NoCommand, ErrorCategory.InvalidArgument);
        Is("", ErrorIds.NoContainer, ErrorCategory.InvalidArgument);
        Is($"{Id}-none -- true", ErrorIds.ContainerNotFound, ErrorCategory.ObjectNotFound);
        Is("([System.Diagnostics.Process]::GetCurrentProcess()) -- true", ErrorIds.NoContainer, ErrorCategory.InvalidArgument);
        Engine.Require($"New-CtrContainer {Id}-new -Image {Busybox} -- true");
        Is($"{Id}-new -- true", ErrorIds.TaskNotFound, ErrorCategory.ObjectNotFound);
        Engine.Require($"Start-CtrTask {Id}-new | Wait-CtrTask");
        Is($"{Id}-new -- true", ErrorIds.TaskNotRunning, ErrorCategory.ResourceBusy);
        Is($"{Id} -Detach -- no-such-program", ErrorIds.CommandNotFound, ErrorCategory.ObjectNotFound);
        Assert.DoesNotContain(LogFolders(Id).SelectMany(Directory.EnumerateFiles), f => f.Contains("exec", StringComparison.Ordinal));
        Assert.Empty(Engine.Require($"Invoke-CtrExec {Id} -- true"));
    }

    [Fact]
    public async Task Errors_come_with_piped_input_too_and_leave_no_pipe()
    {
        AssertError(
            Engine.Invoke($"1..10000 | Invoke-CtrExec {Id} -- no-such-program").Error,
            ErrorIds.CommandNotFound,
            "InvokeCtrExec",
            ErrorCategory.ObjectNotFound
        );
        AssertError(
            Engine.Invoke($"1..10 | Invoke-CtrExec {Id}-none -- cat").Error,
            ErrorIds.ContainerNotFound,
            "InvokeCtrExec",
            ErrorCategory.ObjectNotFound
        );
        AssertError(
            Engine.Invoke($"1..10 | Invoke-CtrExec {Id} -Detach -- cat").Error,
            ErrorIds.DetachWithInput,
            "InvokeCtrExec",
            ErrorCategory.InvalidArgument
        );
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Fact]
    public async Task A_paused_container_and_an_id_in_use_are_clear_errors()
    {
        Engine.Require($"Invoke-CtrExec {Id} -Detach -ExecId one -- sleep 1000");
        AssertError(
            Engine.Invoke($"Invoke-CtrExec {Id} -ExecId one -- true").Error,
            ErrorIds.ExecExists,
            "InvokeCtrExec",
            ErrorCategory.ResourceExists
        );
        AssertError(
            Engine.Invoke($"Invoke-CtrExec {Id} -Detach -ExecId one -- true").Error,
            ErrorIds.ExecExists,
            "InvokeCtrExec",
            ErrorCategory.ResourceExists
        );
        // The namesake goes on, and so does its output.
        Assert.Empty(Engine.Require($"Get-CtrLog {Id} -ExecId one"));
        Assert.Equal("one", Engine.Require<CtrExit>($"Remove-CtrTask {Id} -ExecId one -Force").ExecId);
        await DaemonFixture.CtrAsync("tasks", "pause", Id);
        try
        {
            AssertError(
                Engine.Invoke($"Invoke-CtrExec {Id} -- true").Error,
                ErrorIds.TaskPaused,
                "InvokeCtrExec",
                ErrorCategory.ResourceBusy
            );
        }
        finally
        {
            await DaemonFixture.CtrAsync("tasks", "resume", Id);
        }
    }

    [Fact]
    public async Task A_detached_process_is_watched_waited_for_and_removed_by_its_object()
    {
        var process = Engine.Require<CtrProcess>($"$p = Invoke-CtrExec {Id} -Detach -- sh -c 'echo out; echo err >&2; exit 4'; $p");
        Assert.Equal((Id, CtrStatus.Running), (process.ContainerId, process.Status));
        Assert.Equal(["sh", "-c", "echo out; echo err >&2; exit 4"], process.Command);
        Assert.True(process.Pid > 0);
        var exit = Engine.Require<CtrExit>("$p | Wait-CtrTask");
        Assert.Equal((Id, process.ExecId, process.Pid, 4), (exit.ContainerId, exit.ExecId, exit.Pid, exit.ExitCode));
        Assert.Equal(["out", "err"], Lines("$p | Get-CtrLog"));
        Assert.Equal(["err"], Lines($"Get-CtrLog {Id} -ExecId {process.ExecId} -Stream Stderr"));
        Assert.Equal(4, Engine.Require<CtrExit>("$p | Remove-CtrTask").ExitCode);
        AssertError(Engine.Invoke("$p | Wait-CtrTask").Error, ErrorIds.ExecNotFound, "WaitCtrTask", ErrorCategory.ObjectNotFound);
        // As a container's own, its output stays until the container goes; a namesake's takes its place.
        Assert.Equal(["out", "err"], Lines("$p | Get-CtrLog"));
        Engine.Require($"Invoke-CtrExec {Id} -Detach -ExecId {process.ExecId} -- echo again | Wait-CtrTask | Remove-CtrTask");
        Assert.Equal(["again"], Lines("$p | Get-CtrLog"));
        AssertError(
            Engine.Invoke($"Get-CtrLog {Id} -ExecId nobody").Error,
            ErrorIds.LogNotFound,
            "GetCtrLog",
            ErrorCategory.ObjectNotFound,
            Id
        );
        Assert.Equal(CtrStatus.Running, Status());
        await Task.CompletedTask;
    }

    [Fact]
    public void Containers_and_tasks_from_the_pipeline_specify_the_container()
    {
        Engine.Require($"New-CtrContainer {Id}-b -Image {Busybox} {Idle} | Start-CtrTask");
        Assert.Equal([Id, $"{Id}-b"], Lines($"Get-CtrTask {Id}* | Invoke-CtrExec -- hostname"));
        Assert.Equal([Id, $"{Id}-b"], Lines($"Get-CtrContainer {Id}* | Invoke-CtrExec -- hostname"));
        Assert.Equal([Id], Lines($"Invoke-CtrExec (Get-CtrTask {Id}) -- hostname"));
        var done = Engine.Invoke($"Get-CtrContainer {Id}* | Invoke-CtrExec -- sh -c 'exit 1'; $LASTEXITCODE");
        Assert.Equal(2, done.Errors.Count);
        Assert.Equal(1, Assert.Single(done.Output).BaseObject);
    }

    [Fact]
    public void With_a_terminal_both_streams_are_one()
    {
        Assert.Equal(["out", "err", "tty"], Lines($"Invoke-CtrExec {Id} -Tty -- sh -c 'echo out; echo err >&2; test -t 1 && echo tty'"));
    }
}
