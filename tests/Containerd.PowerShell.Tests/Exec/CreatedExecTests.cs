using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Exec;

/// <summary>Adding a process and starting it, in two steps.</summary>
public sealed class CreatedExecTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Theory]
    [InlineData("bookworm", "runc")]
    [InlineData("sid", "runc")]
    [InlineData("sid", "crun")]
    public async Task A_created_exec_runs_nothing_until_it_is_started(string suite, string runtime)
    {
        var fixture = await DaemonFixtures.GetAsync(suite, runtime);
        using var engine = fixture.Open();
        engine.Require($"New-CtrContainer {Id} -Image {Busybox} -Runtime {runtime} {Idle} | Start-CtrTask");
        var made = engine.Require<CtrProcess>($"$exec = Invoke-CtrExec {Id} -NoStart -WithStdin -ExecId e -- sh -c 'cat; exit 6'; $exec");
        Assert.Equal((Id, "e", 0, CtrStatus.Created), (made.ContainerId, made.ExecId, made.Pid, made.Status));
        AssertError(
            engine.Invoke($"Send-CtrInput {Id} -ExecId e x").Error,
            ErrorIds.ExecNotRunning,
            "SendCtrInput",
            ErrorCategory.ResourceBusy,
            Id
        );
        AssertError(
            engine.Invoke($"Close-CtrStdin {Id} -ExecId e").Error,
            ErrorIds.ExecNotRunning,
            "CloseCtrStdin",
            ErrorCategory.ResourceBusy,
            Id
        );
        AssertError(
            engine.Invoke($"Invoke-CtrExec {Id} -NoStart -ExecId e -- true").Error,
            ErrorIds.ExecExists,
            "InvokeCtrExec",
            ErrorCategory.ResourceExists,
            Id
        );

        var started = engine.Require<CtrProcess>("$exec | Start-CtrExec");
        Assert.Equal((CtrStatus.Running, "e"), (started.Status, started.ExecId));
        Assert.True(Directory.Exists($"/proc/{started.Pid}"));
        Assert.Equal(["sh", "-c", "cat; exit 6"], started.Command);
        Assert.StartsWith("ExecStarted,", engine.Invoke("$exec | Start-CtrExec").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        engine.Require("'a', 'b' | Send-CtrInput $exec; Send-CtrInput $exec c -Close");
        Assert.Equal(6, engine.Require<CtrExit>("$exec | Wait-CtrTask -Timeout 20").ExitCode);
        await Eventually.TrueAsync(() => engine.Require("$exec | Get-CtrLog").Count == 3);
        Assert.Equal(["a", "b", "c"], engine.Require("$exec | Get-CtrLog").Select(l => l.ToString()));
        AssertError(engine.Invoke($"Start-CtrExec {Id} e").Error, ErrorIds.ExecStarted, "StartCtrExec", ErrorCategory.ResourceBusy, Id);
        engine.Require("$exec | Remove-CtrTask");
        AssertError(engine.Invoke($"Start-CtrExec {Id} e").Error, ErrorIds.ExecNotFound, "StartCtrExec", ErrorCategory.ObjectNotFound, Id);
        engine.Require($"Remove-CtrContainer {Id} -Force");
    }

    [Theory]
    [InlineData("Invoke-CtrExec ID -Detach -Timeout 5 -- true")]
    [InlineData("Invoke-CtrExec ID -NoStart -PassThru -- true")]
    [InlineData("Invoke-CtrExec ID -WithStdin -- cat")]
    [InlineData("Stop-CtrTask ID -Force -Signal HUP")]
    [InlineData("Restart-CtrTask ID -Force -Signal HUP")]
    public void Parameters_that_cannot_be_combined_are_rejected(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        var error = Engine.Invoke(line.Replace("ID", Id, StringComparison.Ordinal)).Error;
        Assert.StartsWith("ConflictingParameters,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public async Task An_exec_that_cannot_be_started_leaves_nothing()
    {
        await StartAsync();
        var before = Entries();
        Engine.Require($"Invoke-CtrExec {Id} -NoStart -WithStdin -ExecId e -- no-such-program");
        var error = Engine.Invoke($"Start-CtrExec {Id} e").Error;
        AssertError(error, ErrorIds.CommandNotFound, "StartCtrExec", ErrorCategory.ObjectNotFound, Id);
        Assert.Contains("'no-such-program'", error.ToString(), StringComparison.Ordinal);
        AssertError(Engine.Invoke($"Start-CtrExec {Id} e").Error, ErrorIds.ExecNotFound, "StartCtrExec", ErrorCategory.ObjectNotFound, Id);
        AssertError(
            Engine.Invoke($"Invoke-CtrExec {Id} -Detach -WithStdin -ExecId e -- no-such-program").Error,
            ErrorIds.CommandNotFound,
            "InvokeCtrExec",
            ErrorCategory.ObjectNotFound,
            Id
        );
        Assert.Equal(before, Entries());
        AssertError(
            Engine.Invoke($"Get-CtrTask {Id} | Start-CtrExec").Error,
            ErrorIds.NoExec,
            "StartCtrExec",
            ErrorCategory.InvalidArgument
        );
        // A shell asks for it.
        Assert.Contains("'ExecId'", Engine.Invoke($"Start-CtrExec {Id}").Error.ToString(), StringComparison.Ordinal);
        Assert.StartsWith(
            "DetachWithInput,",
            Engine.Invoke($"'x' | Invoke-CtrExec {Id} -NoStart -- cat").Error.FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task An_exec_s_id_is_the_first_argument_if_the_container_comes_from_the_pipeline()
    {
        await StartAsync();
        foreach (
            var script in new[]
            {
                $"Get-CtrTask {Id} | Start-CtrExec e",
                $"'{Id}' | Start-CtrExec e",
                $"Get-CtrTask {Id} | Start-CtrExec -ExecId e",
                $"Start-CtrExec {Id} e",
                $"Start-CtrExec (Get-CtrTask {Id}) e",
                "$exec | Start-CtrExec",
                "Start-CtrExec $exec",
            }
        )
        {
            Engine.Require($"$exec = Invoke-CtrExec {Id} -NoStart -ExecId e -- true");
            Assert.Equal("e", Engine.Require<CtrProcess>(script).ExecId);
            Engine.Require($"Wait-CtrTask {Id} -ExecId e -Timeout 20 | Remove-CtrTask");
        }
    }

    [Fact]
    public async Task A_task_that_is_paused_or_has_ended_starts_no_exec()
    {
        await StartAsync();
        Engine.Require($"Invoke-CtrExec {Id} -NoStart -ExecId e -- true; Suspend-CtrTask {Id}");
        AssertError(Engine.Invoke($"Start-CtrExec {Id} e").Error, ErrorIds.TaskPaused, "StartCtrExec", ErrorCategory.ResourceBusy, Id);
        Engine.Require($"Resume-CtrTask {Id}; Start-CtrExec {Id} e; Wait-CtrTask {Id} -ExecId e; Stop-CtrTask {Id} -Force");
        AssertError(
            Engine.Invoke($"Invoke-CtrExec {Id} -NoStart -- true").Error,
            ErrorIds.TaskNotRunning,
            "InvokeCtrExec",
            ErrorCategory.ResourceBusy,
            Id
        );
    }

    [Fact]
    public async Task An_exec_of_an_attached_terminal_is_resized()
    {
        await StartAsync();
        Engine.Require(
            $"Invoke-CtrExec {Id} -Detach -Tty -WithStdin -ExecId t -- sh -c 'read x; stty size'; Resize-CtrTerminal {Id} -ExecId t -Width 77 -Height 33; Send-CtrInput {Id} -ExecId t go; Wait-CtrTask {Id} -ExecId t"
        );
        await Eventually.TrueAsync(() =>
            Engine.Require($"Get-CtrLog {Id} -ExecId t").Select(l => l.ToString()!.TrimEnd('\r')).Contains("33 77")
        );
    }

    [Theory]
    [InlineData("'a', 'b'", "a b end")]
    [InlineData(",[byte[]](97, 98)", "ab end")]
    public async Task The_end_of_piped_input_is_the_end_on_a_terminal_and_loses_no_output(string input, string expected)
    {
        await StartAsync();
        for (var i = 0; i < 5; i++)
        {
            var lines = Engine
                .Require($"{input} | Invoke-CtrExec {Id} -Tty -- sh -c 'stty -echo; cat; sleep 0.1; echo end'")
                .Select(l => l.ToString()!.Trim('\r', '\n'));
            Assert.EndsWith(expected.Replace(" ", "", StringComparison.Ordinal), string.Concat(lines), StringComparison.Ordinal);
        }
    }

    private IReadOnlyList<string> Entries() =>
        [.. LogFolders(Id).SelectMany(Directory.EnumerateFileSystemEntries).Order(StringComparer.Ordinal)];

    [Fact]
    public async Task A_terminal_without_a_console_has_the_specified_size()
    {
        await StartAsync();
        // An exec that was resized before its start.
        Engine.Require(
            $"Invoke-CtrExec {Id} -NoStart -Tty -WithStdin -ExecId t -- sh -c 'read x; stty size'; Resize-CtrTerminal {Id} -ExecId t -Width 77 -Height 33; Start-CtrExec {Id} t; Send-CtrInput {Id} -ExecId t go; Wait-CtrTask {Id} -ExecId t"
        );
        Assert.Contains("33 77", Text(Engine.Require($"Get-CtrLog {Id} -ExecId t")), StringComparison.Ordinal);
        Assert.Equal("43 132", Text(Engine.Require($"Invoke-CtrExec {Id} -Tty -Width 132 -Height 43 -- stty size")).Trim());
        Assert.Equal("24 132", Text(Engine.Require($"Invoke-CtrContainer {Busybox} -Tty -Width 132 -- stty size")).Trim());
        Engine.Require(
            $"New-CtrContainer {Id}-sized -Image {Busybox} -Tty -- stty size | Start-CtrTask -Width 91 -Height 17 | Wait-CtrTask"
        );
        Assert.Contains("17 91", Text(Engine.Require($"Get-CtrLog {Id}-sized")), StringComparison.Ordinal);

        Assert.Equal(ErrorIds.NoTerminal, Error($"Invoke-CtrExec {Id} -Width 132 -- true"));
        Assert.Equal(ErrorIds.NoTerminal, Error($"Invoke-CtrContainer {Busybox} -Height 2 -- true"));
        Assert.Equal(ErrorIds.NoTerminal, Error($"New-CtrContainer {Id}-b -Image {Busybox} -- true | Start-CtrTask -Width 9"));

        static string Text(IReadOnlyList<System.Management.Automation.PSObject> lines) => string.Join('\n', lines);
        string Error(string script) => Engine.Invoke(script).Error.FullyQualifiedErrorId.Split(',')[0];
    }
}
