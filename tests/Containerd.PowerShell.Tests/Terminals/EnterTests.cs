using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Terminals;

/// <summary>Enter-CtrContainer: a shell in a container behaves like a local shell.</summary>
public sealed class EnterTests(DaemonFixtures fixtures) : TerminalTest(fixtures)
{
    protected override async Task PrepareAsync() => await StartAsync(id: Id);

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Typed_commands_run_in_the_container_and_the_prompt_returns_after_exit(bool pwsh)
    {
        await using var terminal = await OpenAsync(pwsh: pwsh);
        await EnterAsync(terminal, $"Enter-CtrContainer {Id}");
        await terminal.SayAsync("hostname; stty size; echo grün äöü 日本語; tty");
        await terminal.ShowsAsync(text => text.Contains($"\n{Id}\n20 90\ngrün äöü 日本語\n/dev/pts/", StringComparison.Ordinal));
        await AtShellAsync(terminal);
        await terminal.SayAsync("exit 3");
        await terminal.PromptReturnsAsync();
        // The first key that is typed reaches the prompt.
        await terminal.SayAsync("\"code $LASTEXITCODE $?\"");
        await terminal.ShowsAsync(text => text.Contains("\ncode 3 True\n", StringComparison.Ordinal));
        await LeaveAsync(terminal);
        await NothingLeftAsync();
    }

    [Fact]
    public async Task A_command_that_does_not_exist_sets_the_exit_code_127_and_standard_error_is_shown_on_the_console()
    {
        await using var terminal = await OpenAsync(pwsh: HostProcess.Pwsh is not null);
        await terminal.SayAsync($"Enter-CtrContainer {Id} -- no-such-program; \"code $LASTEXITCODE\"");
        await terminal.ShowsAsync(text => text.Contains("\ncode 127\n", StringComparison.Ordinal));
        await terminal.SayAsync(
            $"Clear-Host; Invoke-CtrExec {Id} -InformationVariable told -- sh -c 'echo shown >&2'; \"tags $($told.Tags)\""
        );
        await terminal.ShowsAsync(text => text.Contains("shown\ntags PSHOST StandardError\n", StringComparison.Ordinal));
        await LeaveAsync(terminal);
    }

    [Fact]
    public async Task A_container_that_has_bash_is_entered_with_bash()
    {
        Engine.Require(
            $"Invoke-CtrExec {Id} -- sh -c 'printf \"#!/bin/sh\\necho I am bash\\nexec /bin/sh\\n\" > /bin/bash; chmod +x /bin/bash'"
        );
        await using var terminal = await OpenAsync();
        await EnterAsync(terminal, $"Enter-CtrContainer {Id}");
        Assert.Contains("\nI am bash\n", await terminal.TextAsync(), StringComparison.Ordinal);
        await terminal.SayAsync("exit");
        await terminal.PromptReturnsAsync();
        await LeaveAsync(terminal);
    }

    [Theory]
    [InlineData("sid", "runc")]
    [InlineData("sid", "crun")]
    public async Task The_size_is_correct_from_the_start_and_follows_the_window(string suite, string runtime)
    {
        var fixture = await DaemonFixtures.GetAsync(suite, runtime);
        using var engine = fixture.Open();
        engine.Require($"New-CtrContainer {Id}-2 -Image {Busybox} -Runtime {runtime} {Idle} | Start-CtrTask");
        try
        {
            await using var terminal = await OpenAsync(fixture: fixture);
            // crun starts the process of an exec before it sets the size; runc does it in the other order.
            var wait = runtime == "crun" ? "until [ \"$(stty size 2>/dev/null)\" ]; do :; done; " : "";
            await terminal.SayAsync($"Enter-CtrContainer {Id}-2 -- sh -c '{wait}stty size; exec sh'");
            await terminal.ShowsAsync(text => text.Contains("\n20 90\n", StringComparison.Ordinal));
            await AtShellAsync(terminal);
            await terminal.ResizeAsync(71, 13);
            await Task.Delay(500);
            await terminal.SayAsync("stty size");
            await terminal.ShowsAsync(text => text.Contains("\n13 71\n", StringComparison.Ordinal));
            await AtShellAsync(terminal);
            await terminal.SayAsync("exit");
            await terminal.PromptReturnsAsync();
            await LeaveAsync(terminal);
        }
        finally
        {
            engine.Invoke($"Remove-CtrContainer {Id}-2 -Force");
        }
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Control_keys_go_to_the_container(bool pwsh)
    {
        await using var terminal = await OpenAsync(pwsh: pwsh);
        await EnterAsync(terminal, $"Enter-CtrContainer {Id}");
        // Ctrl+C ends only the program that runs in the container.
        await terminal.SayAsync("sleep 1000; echo interrupted $?");
        await terminal.ShowsAsync(text => text.Contains("interrupted $?", StringComparison.Ordinal));
        await Eventually.TrueAsync(() => Processes("sleep 1000").Count > 1);
        await terminal.TypeAsync("C-c");
        await terminal.ShowsAsync(text => text.Contains("^C", StringComparison.Ordinal));
        await AtShellAsync(terminal);
        // Ctrl+Z is for job control.
        await terminal.SayAsync("clear; sleep 2000");
        await Eventually.TrueAsync(() => Processes("sleep 2000").Count > 0);
        await terminal.TypeAsync("C-z");
        await terminal.ShowsAsync(text => text.Contains("Stopped", StringComparison.Ordinal));
        await AtShellAsync(terminal);
        await RunAsync(terminal, "kill -KILL %1; wait");
        // Arrows: the history and the line editor.
        await terminal.SayAsync("echo one two");
        await terminal.ShowsAsync(text => text.Contains("\none two\n", StringComparison.Ordinal));
        await AtShellAsync(terminal);
        await terminal.TypeAsync("Up", "Left", "Left", "Left", "X", "Enter");
        await terminal.ShowsAsync(text => text.Contains("\none Xtwo\n", StringComparison.Ordinal));
        await AtShellAsync(terminal);
        await terminal.TypeAsync("C-p", "C-a", "C-k");
        await terminal.SayAsync("echo key $((1+1))");
        await terminal.ShowsAsync(text => text.Contains("\nkey 2\n", StringComparison.Ordinal));
        await AtShellAsync(terminal);
        // Ctrl+D is the end.
        await terminal.TypeAsync("C-d");
        await terminal.PromptReturnsAsync();
        await LeaveAsync(terminal);
        await NothingLeftAsync();
    }

    [Fact]
    public async Task Full_screen_programs_have_the_screen()
    {
        await using var terminal = await OpenAsync();
        await EnterAsync(terminal, $"Enter-CtrContainer {Id}");
        await terminal.SayAsync("vi /tmp/text");
        await terminal.ShowsAsync(text => text.Contains("- /tmp/text", StringComparison.Ordinal));
        await terminal.TypeAsync("i", "first line", "Enter", "grün", "Escape");
        await terminal.ShowsAsync(text => text.StartsWith("first line\ngrün\n~", StringComparison.Ordinal));
        await terminal.ResizeAsync(60, 12);
        await terminal.ShowsAsync(text =>
            text.Split('\n').Length == 12 && text.StartsWith("first line\ngrün\n~", StringComparison.Ordinal)
        );
        await terminal.SayAsync(":wq");
        await AtShellAsync(terminal);
        Assert.Equal("0", await terminal.AskAsync("alternate_on"));
        await RunAsync(terminal, "cat /tmp/text");
        Assert.Contains("\nfirst line\ngrün\n", await terminal.TextAsync(), StringComparison.Ordinal);

        await terminal.SayAsync("top");
        await terminal.ShowsAsync(text =>
            text.Contains("Mem:", StringComparison.Ordinal) && text.Contains("COMMAND", StringComparison.Ordinal)
        );
        await terminal.TypeAsync("q");
        await AtShellAsync(terminal);
        await terminal.SayAsync("seq 1 1000 > /tmp/many; less /tmp/many");
        await terminal.ShowsAsync(text => text.StartsWith("1\n2\n3\n", StringComparison.Ordinal));
        await terminal.TypeAsync("Space");
        await terminal.ShowsAsync(text => text.StartsWith("12\n13\n", StringComparison.Ordinal));
        await terminal.TypeAsync("Up", "G");
        await terminal.ShowsAsync(text => text.Contains("\n1000\n", StringComparison.Ordinal));
        await terminal.TypeAsync("q");
        await AtShellAsync(terminal);
        await terminal.SayAsync("exit");
        await terminal.PromptReturnsAsync();
        await LeaveAsync(terminal);
    }

    [Fact]
    public async Task Bracketed_paste_and_the_cursor_position_pass_through_and_modes_that_a_program_leaves_on_are_switched_off()
    {
        await using var terminal = await OpenAsync();
        await EnterAsync(terminal, $"Enter-CtrContainer {Id}");
        // A program requests bracketed paste, and receives it.
        await terminal.SayAsync(@"stty -icanon -echo; printf '\033[?2004h'; echo go; head -c 16 | od -c | head -n 1; stty icanon echo");
        await terminal.ShowsAsync(text => text.Contains("\ngo", StringComparison.Ordinal));
        await terminal.PasteAsync("text");
        await terminal.ShowsAsync(text =>
            text.Contains(@"033   [   2   0   0   ~   t   e   x   t 033   [   2   0   1   ~", StringComparison.Ordinal)
        );
        await AtShellAsync(terminal);
        // The answers of the terminal reach the program that asked.
        await terminal.SayAsync(
            @"clear; stty -icanon -echo min 0 time 30; printf '\033[6n'; head -c 6 | od -c | head -n 1; stty icanon echo min 1 time 0"
        );
        await terminal.ShowsAsync(text => text.Contains(@"033   [   1   ;   1   R", StringComparison.Ordinal));
        await AtShellAsync(terminal);
        // The alternate screen, the mouse and a hidden cursor of a program that dies.
        await terminal.SayAsync(@"clear; printf '\033[?1049h\033[?1000h\033[?25l\033[31mdying'; exit");
        await terminal.CursorReturnsAsync();
        await terminal.PromptReturnsAsync();
        Assert.Equal(("0", "0"), (await terminal.AskAsync("alternate_on"), await terminal.AskAsync("mouse_any_flag")));
        await LeaveAsync(terminal);
    }

    [Fact]
    public async Task The_shell_runs_as_the_containers_user_or_as_specified()
    {
        var other = NewId();
        await StartAsync(id: other, options: "-User app");
        await using var terminal = await OpenAsync();
        await terminal.SayAsync($"Enter-CtrContainer {other} -- sh -c 'id -un; id -u'");
        await terminal.ShowsAsync(text => text.Contains("\napp\n1000\n", StringComparison.Ordinal));
        await terminal.PromptReturnsAsync();
        await terminal.SayAsync(
            $"Get-CtrTask {other} | Enter-CtrContainer -User root -WorkingDirectory /tmp -Env @{{ WORD = 'a b' }} -- sh -c 'id -u; pwd; echo \"[$WORD]\" $TERM'"
        );
        await terminal.ShowsAsync(text => text.Contains("\n0\n/tmp\n[a b] xterm\n", StringComparison.Ordinal));
        await terminal.PromptReturnsAsync();
        await LeaveAsync(terminal);
    }

    [Fact]
    public async Task Without_a_shell_or_a_task_there_is_one_error_and_the_prompt()
    {
        Engine.Require($"Invoke-CtrExec {Id} -- rm /bin/sh");
        await using var terminal = await OpenAsync();
        const string Say = "catch { \"failed: $($_.FullyQualifiedErrorId.Split(',')[0])\"; \"do: $($_.ErrorDetails.RecommendedAction)\" }";
        await terminal.SayAsync($"try {{ Enter-CtrContainer {Id} -ErrorAction Stop }} {Say}");
        await terminal.ShowsAsync(text =>
            text.Contains("\nfailed: ShellNotFound\n", StringComparison.Ordinal) && text.Contains("-- COMMAND", StringComparison.Ordinal)
        );
        await terminal.PromptReturnsAsync();
        await terminal.SayAsync($"try {{ Enter-CtrContainer {Id} -ErrorAction Stop -- /no/such }} {Say}");
        await terminal.ShowsAsync(text => text.Contains("\nfailed: CommandNotFound\n", StringComparison.Ordinal));
        await terminal.PromptReturnsAsync();
        Engine.Require($"Stop-CtrTask {Id} -Force");
        await terminal.SayAsync($"try {{ Enter-CtrContainer {Id} -ErrorAction Stop }} {Say}");
        await terminal.ShowsAsync(text => text.Contains("\nfailed: TaskNotRunning\n", StringComparison.Ordinal));
        await terminal.PromptReturnsAsync();
        await LeaveAsync(terminal);
    }

    private List<CtrProcessInfo> Processes(string command) =>
        [
            .. Engine
                .Require($"Get-CtrProcess {Id}")
                .Select(p => (CtrProcessInfo)p.BaseObject)
                .Where(p => string.Join(' ', p.Command) == command),
        ];
}
