using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Terminals;

/// <summary>After each kind of end, the terminal has its former state, and nothing remains in the container.</summary>
public sealed class TerminalReturnTests(DaemonFixtures fixtures) : TerminalTest(fixtures)
{
    public static TheoryData<string, bool> Signals
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var signal in new[] { "TERM", "HUP" })
            {
                foreach (var pwsh in Hosts)
                    data.Add(signal, pwsh.Data);
            }

            return data;
        }
    }

    protected override async Task PrepareAsync() => await StartAsync(id: Id);

    [Theory]
    [MemberData(nameof(Signals))]
    public async Task A_signal_that_ends_the_PowerShell_ends_the_shell_and_restores_the_terminal(string signal, bool pwsh)
    {
        await using var terminal = await OpenAsync(pwsh: pwsh);
        await EnterAsync(terminal, $"Enter-CtrContainer {Id}");
        await terminal.SayAsync("vi");
        await terminal.ShowsAsync(text => text.Contains("\n~\n~\n", StringComparison.Ordinal));
        await Shell.RunAsync("kill", $"-{signal}", $"{await terminal.ProcessAsync()}");
        await SameSettingsAsync(terminal);
        Assert.Equal("0", await terminal.AskAsync("alternate_on"));
        await NothingLeftAsync();
    }

    [Fact]
    public async Task The_end_of_the_daemon_restores_the_terminal_and_its_restart_is_not_noticed()
    {
        await using var daemon = await PrivateDaemon.StartAsync();
        using var engine = new Engine();
        var connect = $"Connect-CtrSession '{daemon.Address}' -Namespace {daemon.Namespace}";
        engine.Require(
            $"$null = {connect}; $null = Import-CtrImage '{await TestImages.BusyboxTarAsync()}'; New-CtrContainer web -Image {Busybox} {Idle} | Start-CtrTask"
        );
        await using var terminal = await Terminal.OpenAsync(90, 20);
        await terminal.PromptAsync($"$null = {connect}");
        await EnterAsync(terminal, "Enter-CtrContainer web");
        await Shell.RunAsync("kill", "-KILL", $"{daemon.Daemon.Pid}");
        await RunAsync(terminal, "echo still here");
        await Eventually.TrueAsync(() => engine.Invoke("Get-CtrTask web").Errors.Count == 0);
        // Its restart forgot whom to tell the size; the window tells it again.
        await terminal.ResizeAsync(66, 11);
        await Task.Delay(1500);
        await RunAsync(terminal, "stty size");
        Assert.Contains("\n11 66\n", await terminal.TextAsync(), StringComparison.Ordinal);
        // Permanently: the tasks are removed with it.
        engine.Require($"Stop-CtrDaemon {daemon.Daemon.Name} -Force");
        await Task.Delay(1000);
        // A user who does not wait for the daemon and the exit code can use Ctrl+C again.
        await terminal.TypeAsync("C-c");
        await terminal.PromptReturnsAsync();
        await terminal.SayAsync("\"back\"");
        await terminal.ShowsAsync(text => text.Contains("\nback\n", StringComparison.Ordinal));
        await LeaveAsync(terminal);
    }

    [Fact]
    public async Task The_exit_of_the_container_restores_the_terminal()
    {
        await using var terminal = await OpenAsync();
        await EnterAsync(terminal, $"Enter-CtrContainer {Id}");
        Engine.Require($"Remove-CtrContainer {Id} -Force");
        await terminal.PromptReturnsAsync();
        await terminal.SayAsync("\"code $LASTEXITCODE\"");
        await terminal.ShowsAsync(text => text.Contains("\ncode 137\n", StringComparison.Ordinal));
        await LeaveAsync(terminal);
    }

    [Fact]
    public async Task A_break_that_the_host_survives_ends_the_shell()
    {
        await using var terminal = await OpenAsync();
        await EnterAsync(terminal, $"Enter-CtrContainer {Id}");
        await Shell.RunAsync("kill", "-QUIT", $"{await terminal.ProcessAsync()}");
        await terminal.PromptReturnsAsync();
        await NothingLeftAsync();
        await LeaveAsync(terminal);
    }

    [Fact]
    public async Task An_interrupt_from_another_process_ends_it_like_Ctrl_C()
    {
        await using var terminal = await OpenAsync();
        await EnterAsync(terminal, $"Enter-CtrContainer {Id}");
        await Shell.RunAsync("kill", "-INT", $"{await terminal.ProcessAsync()}");
        await terminal.PromptReturnsAsync();
        await NothingLeftAsync();
        await LeaveAsync(terminal);
    }

    [Fact]
    public async Task A_stopped_and_continued_PowerShell_has_the_terminal_again()
    {
        await using var terminal = await OpenAsync();
        await EnterAsync(terminal, $"Enter-CtrContainer {Id}");
        var process = await terminal.ProcessAsync();
        await Shell.FreezeAsync(process);
        await terminal.ResizeAsync(64, 14);
        // As a shell does whose job was stopped.
        await Shell.RunAsync("sh", "-c", $"stty sane < {(await terminal.AskAsync("pane_tty"))}");
        await Shell.RunAsync("kill", "-CONT", $"{process}");
        await Task.Delay(500);
        await RunAsync(terminal, "stty size");
        Assert.Contains("\n14 64\n", await terminal.TextAsync(), StringComparison.Ordinal);
        await terminal.TypeAsync("C-c");
        await RunAsync(terminal, "echo still here");
        await terminal.SayAsync("exit");
        await terminal.PromptReturnsAsync();
        await LeaveAsync(terminal);
    }

    [Fact]
    public async Task An_exiting_child_process_of_the_PowerShell_does_not_affect_the_keys()
    {
        await using var terminal = await OpenAsync();
        await terminal.SayAsync("$child = [System.Diagnostics.Process]::Start([System.Diagnostics.ProcessStartInfo]::new('sleep', '4'))");
        await terminal.PromptReturnsAsync();
        await EnterAsync(terminal, $"Enter-CtrContainer {Id}");
        await Task.Delay(5000);
        await terminal.SayAsync("sleep 2000");
        await Eventually.TrueAsync(() =>
            Engine.Require($"Get-CtrProcess {Id}").Any(p => string.Join(' ', ((CtrProcessInfo)p.BaseObject).Command) == "sleep 2000")
        );
        await terminal.TypeAsync("C-c");
        await AtShellAsync(terminal);
        await RunAsync(terminal, "echo still here");
        Assert.DoesNotContain("echo still hereecho", await terminal.TextAsync(), StringComparison.Ordinal);
        await terminal.SayAsync("exit");
        await terminal.PromptReturnsAsync();
        await LeaveAsync(terminal);
    }

    [Fact]
    public async Task A_background_process_that_holds_the_terminal_does_not_hold_the_prompt()
    {
        await using var terminal = await OpenAsync();
        await EnterAsync(terminal, $"Enter-CtrContainer {Id}");
        await RunAsync(terminal, "(trap '' HUP; sleep 30) & true");
        await terminal.SayAsync("exit");
        await terminal.PromptReturnsAsync();
        await LeaveAsync(terminal);
        Assert.Contains(Engine.Require($"Get-CtrProcess {Id}"), p =>
            string.Join(' ', ((CtrProcessInfo)p.BaseObject).Command) == "sleep 30"
        );
    }

    [Fact]
    public async Task Invoke_with_a_terminal_is_interactive_and_leaves_nothing()
    {
        await using var terminal = await OpenAsync();
        var run = NewId("run");
        await EnterAsync(terminal, $"Invoke-CtrContainer {Busybox} -Id {run} -Interactive -Tty -- sh -c 'stty size; exec sh'");
        Assert.Contains("\n20 90\n", await terminal.TextAsync(), StringComparison.Ordinal);
        await terminal.ResizeAsync(77, 16);
        await Task.Delay(500);
        await RunAsync(terminal, "stty size; hostname");
        Assert.Contains($"\n16 77\n{run}\n", await terminal.TextAsync(), StringComparison.Ordinal);
        await terminal.SayAsync("exit 3");
        // The window's edge breaks lines.
        await terminal.ShowsAsync(text =>
            text.Replace("\n", "", StringComparison.Ordinal).Contains("exited with code 3", StringComparison.Ordinal)
        );
        await terminal.PromptReturnsAsync();
        await AssertGoneAsync(run);

        await EnterAsync(terminal, $"$result = Invoke-CtrExec {Id} -Interactive -Tty -PassThru -- sh");
        await RunAsync(terminal, "tty");
        await terminal.SayAsync("exit 4");
        await terminal.PromptReturnsAsync();
        await terminal.SayAsync("\"code $($result.ExitCode) $LASTEXITCODE\"");
        await terminal.ShowsAsync(text => text.Contains("\ncode 4 4\n", StringComparison.Ordinal));
        await LeaveAsync(terminal);
        await NothingLeftAsync();
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_process_without_a_terminal_reads_echoed_lines(bool pwsh)
    {
        await using var terminal = await OpenAsync(pwsh: pwsh);
        await terminal.SayAsync($"Invoke-CtrExec {Id} -Interactive -- sh -c 'while read x; do echo \"got <$x>\"; done; echo end; exit 0'");
        await Eventually.TrueAsync(() => Engine.Require($"Get-CtrProcess {Id}").Count > 1);
        await terminal.SayAsync("one grün");
        await terminal.ShowsAsync(text => text.Contains("\none grün\ngot <one grün>", StringComparison.Ordinal));
        await terminal.TypeAsync("twx", "BSpace", "o", "Enter");
        await terminal.ShowsAsync(text => text.Contains("\ntwo\ngot <two>", StringComparison.Ordinal));
        await terminal.TypeAsync("C-d");
        await terminal.ShowsAsync(text => text.Contains("\nend\n", StringComparison.Ordinal));
        await terminal.PromptReturnsAsync();
        // Ctrl+C ends it.
        await terminal.SayAsync($"Invoke-CtrExec {Id} -Interactive -- cat");
        await Eventually.TrueAsync(() => Engine.Require($"Get-CtrProcess {Id}").Count > 1);
        await terminal.SayAsync("three");
        await terminal.ShowsAsync(text => text.EndsWith("\nthree\nthree", StringComparison.Ordinal));
        await terminal.TypeAsync("C-c");
        await terminal.PromptReturnsAsync();
        await NothingLeftAsync();
        // A task reads the console's input, and its end.
        var task = NewId();
        await terminal.SayAsync($"'beg' + 'un'; New-CtrContainer {task} -Image {Busybox} -- cat | Start-CtrTask -Attach -Interactive");
        // Also what is typed before it runs, and after the prompt has read its own line.
        await terminal.ShowsAsync(text =>
            text.Contains("\nbegun\n", StringComparison.Ordinal) || text.EndsWith("\nbegun", StringComparison.Ordinal)
        );
        await terminal.SayAsync("four");
        await terminal.SayAsync("five");
        await Eventually.TrueAsync(() => Engine.Invoke($"Get-CtrTask {task}").Of<CtrTask>().Any(t => t.Status == CtrStatus.Running));
        await terminal.SayAsync("six");
        await terminal.ShowsAsync(text => text.EndsWith("\nsix", StringComparison.Ordinal));
        await Eventually.TrueAsync(() => string.Concat(Engine.Invoke($"Get-CtrLog {task}").Output) == "fourfivesix");
        await terminal.TypeAsync("C-d");
        await terminal.PromptReturnsAsync();
        Assert.Equal(CtrStatus.Stopped, Status(task));
        await LeaveAsync(terminal);
    }

    [Fact]
    public async Task Without_a_console_there_is_one_error_immediately()
    {
        var other = NewId();
        Engine.Require($"New-CtrContainer {other} -Image {Busybox} -Tty");
        foreach (
            var (command, cmdlet, target) in new[]
            {
                ($"Enter-CtrContainer {Id}", "EnterCtrContainer", Id),
                ($"Invoke-CtrExec {Id} -Interactive -Tty -- sh", "InvokeCtrExec", Id),
                ($"Invoke-CtrContainer {Busybox} -Id {other}x -Interactive -Tty -- sh", "InvokeCtrContainer", $"{other}x"),
                ($"Start-CtrTask {other} -Attach", "StartCtrTask", other),
            }
        )
        {
            var error = Engine.Invoke(command).Error;
            AssertError(error, ErrorIds.NoTerminal, cmdlet, ErrorCategory.NotImplemented, target);
            Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        }

        AssertError(Engine.Invoke($"Get-CtrTask {other}").Error, ErrorIds.TaskNotFound, "GetCtrTask", ErrorCategory.ObjectNotFound, other);
        Engine.Require($"Start-CtrTask {other} -WithStdin");
        AssertError(
            Engine.Invoke($"Connect-CtrTask {other} -Attach").Error,
            ErrorIds.NoTerminal,
            "ConnectCtrTask",
            ErrorCategory.NotImplemented,
            other
        );
        foreach (var parameters in new[] { "-Interactive -Detach -- sh", "-Interactive -NoStart -- sh" })
            AssertError(
                Engine.Invoke($"Invoke-CtrExec {Id} {parameters}").Error,
                ErrorIds.ConflictingParameters,
                "InvokeCtrExec",
                ErrorCategory.InvalidArgument,
                Id
            );
        AssertError(
            Engine.Invoke($"'x' | Invoke-CtrExec {Id} -Interactive -- cat").Error,
            ErrorIds.ConflictingParameters,
            "InvokeCtrExec",
            ErrorCategory.InvalidArgument,
            Id
        );
        AssertError(
            Engine.Invoke($"Invoke-CtrExec {Id} -Interactive -Tty -Raw -- cat").Error,
            ErrorIds.ConflictingParameters,
            "InvokeCtrExec",
            ErrorCategory.InvalidArgument,
            Id
        );

        // Redirected input reaches a process that has no terminal.
        var connect =
            $"Import-Module Containerd; $null = Connect-CtrSession '{DaemonFixture.Daemon.Address}' -Namespace {DaemonFixture.Namespace}";
        var run = await HostProcess.RunAsync(
            $"{connect}; Say Out ((Invoke-CtrExec {Id} -Interactive -- sh -c 'cat; echo end') -join '|')",
            input: "one\ntwo\n"
        );
        Assert.Equal("one|two|end", run["Out"]);

        // A job's runspace has the standard input of this process, but no user types into it.
        foreach (
            var command in new[]
            {
                $"Invoke-CtrExec {Id} -Interactive -- cat",
                $"Invoke-CtrContainer {Busybox} -Id {other}y -Interactive -- cat",
                $"New-CtrContainer {other}z -Image {Busybox} -- cat | Start-CtrTask -Attach -Interactive",
            }
        )
        {
            var job = await HostProcess.RunAsync(
                $"$shell = [powershell]::Create([initialsessionstate]::CreateDefault2()); $null = $shell.AddScript(\"{connect.Replace("$", "`$", StringComparison.Ordinal)}; {command}\").Invoke(); Say Error (($shell.Streams.Error | ForEach-Object FullyQualifiedErrorId) -join '|')",
                input: "one\n"
            );
            Assert.StartsWith("NoTerminal,", job["Error"], StringComparison.Ordinal);
        }
    }
}
