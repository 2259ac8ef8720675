using System.Management.Automation;
using System.Security.Cryptography;
using System.Text;
using Containerd.Client.Workloads.Stats;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Terminals;

/// <summary>Start-CtrTask -Attach and Connect-CtrTask -Attach: several terminals at once, left and come back to.</summary>
public sealed class AttachTests(DaemonFixtures fixtures) : TerminalTest(fixtures)
{
    private const string Detached = "Detached; the process keeps running. To reattach: Connect-CtrTask ";

    /// <summary>More than the terminal in the container, its pipe and a modest buffer hold together.</summary>
    private const int Pasted = 1_500_000;

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_shell_is_started_detached_reattached_and_ended(bool pwsh)
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -Tty");
        await using var terminal = await OpenAsync(pwsh: pwsh);
        await EnterAsync(terminal, $"Start-CtrTask {Id} -Attach");
        await RunAsync(terminal, "stty size; word=kept");
        Assert.Contains("\n20 90\n", await terminal.TextAsync(), StringComparison.Ordinal);
        // All at once: what follows the keys is for the prompt.
        await terminal.TypeAsync("C-p", "C-q", "\"typed ahead\"", "Enter");
        await terminal.ShowsAsync(text =>
            text.Contains($"{Detached}{Id} -Attach", StringComparison.Ordinal) && text.Contains("\ntyped ahead\n", StringComparison.Ordinal)
        );
        await terminal.PromptReturnsAsync();
        Assert.Equal(CtrStatus.Running, Status());

        // The prompt that the shell wrote before is there again, and the shell is the same one.
        await terminal.ClearAsync();
        await EnterAsync(terminal, $"Connect-CtrTask {Id} -Attach");
        await RunAsync(terminal, "echo $word");
        Assert.Contains("\nkept\n", await terminal.TextAsync(), StringComparison.Ordinal);
        await terminal.SayAsync("exit 5");
        await terminal.PromptReturnsAsync();
        await terminal.SayAsync("\"code $LASTEXITCODE $?\"");
        await terminal.ShowsAsync(text => text.Contains("\ncode 5 True\n", StringComparison.Ordinal));
        await LeaveAsync(terminal);
        Assert.Equal(5, Engine.Require<CtrTask>($"Get-CtrTask {Id}").ExitCode);
    }

    [Fact]
    public async Task Two_terminals_show_the_same_and_the_end_is_seen_by_both()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -Tty | Start-CtrTask -WithStdin");
        await using var first = await OpenAsync();
        await using var second = await OpenAsync(70, 12);
        await EnterAsync(first, $"Connect-CtrTask {Id} -Attach");
        await EnterAsync(second, $"Connect-CtrTask {Id} -Attach");
        await RunAsync(first, "echo from the first");
        await second.ShowsAsync(text => text.Contains("\nfrom the first\n", StringComparison.Ordinal));
        await RunAsync(second, "stty size; echo from the second");
        await first.ShowsAsync(text => text.Contains("\n12 70\nfrom the second\n", StringComparison.Ordinal));
        // One terminal is killed; the other is not affected.
        await Shell.RunAsync("kill", "-KILL", $"{await first.ProcessAsync()}");
        await RunAsync(second, "echo still here");
        await second.SayAsync("exit");
        await second.PromptReturnsAsync();
        await LeaveAsync(second);
    }

    [Fact]
    public async Task Nothing_is_lost_without_a_reader_and_a_flood_is_not_a_problem()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -Tty | Start-CtrTask -WithStdin");
        await using var terminal = await OpenAsync();
        await EnterAsync(terminal, $"Connect-CtrTask {Id} -Attach");
        await terminal.SayAsync("sleep 1; seq 1 200000 > /tmp/n; cat /tmp/n; echo written");
        await terminal.TypeAsync("C-p", "C-q");
        await terminal.PromptReturnsAsync();
        await Eventually.TrueAsync(
            () => Engine.Require($"Get-CtrLog {Id} -Tail 2").Any(l => l.ToString()!.TrimEnd('\r') == "written"),
            TimeSpan.FromSeconds(60)
        );
        Assert.Equal(200000, Engine.Require($"Get-CtrLog {Id}").Count(l => int.TryParse(l.ToString()!.TrimEnd('\r'), out _)));
        // Earlier lines on request.
        await terminal.SayAsync($"Connect-CtrTask {Id} -Attach -Tail 3");
        await terminal.ShowsAsync(text => text.Contains("\n199999\n200000\nwritten\n", StringComparison.Ordinal));
        await AtShellAsync(terminal);
        // Ctrl+C stops unlimited output, and the prompt appears at once.
        await terminal.SayAsync("yes");
        await Task.Delay(3000);
        await terminal.TypeAsync("C-c");
        await terminal.ShowsAsync(text => text.Contains("^C", StringComparison.Ordinal));
        await AtShellAsync(terminal);
        await RunAsync(terminal, "echo alive");
        await terminal.TypeAsync("C-p", "C-q");
        await terminal.PromptReturnsAsync();
        await LeaveAsync(terminal);
    }

    [Fact]
    public async Task Unread_keys_do_not_prevent_detaching()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -Tty -- sh -c 'stty raw -echo; echo ready; sleep 1000'");
        await using var terminal = await OpenAsync();
        await terminal.SayAsync($"Start-CtrTask {Id} -Attach");
        await terminal.ShowsAsync(text => text.Contains("\nready", StringComparison.Ordinal));
        await PasteAsync(terminal);
        await terminal.TypeAsync("C-p", "C-q");
        await terminal.PromptReturnsAsync();
        Assert.Equal(CtrStatus.Running, Status());
        await LeaveAsync(terminal);
    }

    [Fact]
    public async Task Text_that_is_pasted_faster_than_it_is_read_arrives_completely()
    {
        Engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} -Tty -- sh -c 'stty raw -echo; echo ready; sleep 3; head -c {Pasted} | sha256sum; sleep 1000'"
        );
        await using var terminal = await OpenAsync();
        await terminal.SayAsync($"Start-CtrTask {Id} -Attach");
        await terminal.ShowsAsync(text => text.Contains("\nready", StringComparison.Ordinal));
        var sum = Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes(await PasteAsync(terminal)))).ToLowerInvariant();
        await terminal.ShowsAsync(text => text.Contains(sum, StringComparison.Ordinal));
        await terminal.TypeAsync("C-p", "C-q");
        await terminal.PromptReturnsAsync();
        await LeaveAsync(terminal);
    }

    [Fact]
    public async Task A_task_that_was_created_with_input_is_started_and_receives_input()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -- sh -c 'echo ready; exec cat' | New-CtrTask -WithStdin");
        await using var terminal = await OpenAsync();
        await terminal.SayAsync($"Start-CtrTask {Id} -Attach -Interactive");
        await terminal.ShowsAsync(text => text.EndsWith("\nready", StringComparison.Ordinal));
        await terminal.SayAsync("one");
        await terminal.ShowsAsync(text => text.EndsWith("\none\none", StringComparison.Ordinal));
        await terminal.TypeAsync("C-d");
        await terminal.PromptReturnsAsync();
        await LeaveAsync(terminal);
    }

    [Fact]
    public async Task A_full_screen_program_is_redrawn_when_a_user_reattaches()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -Tty -- vi /tmp/text");
        await using var terminal = await OpenAsync();
        await terminal.SayAsync($"Start-CtrTask {Id} -Attach -DetachKeys ^B,d");
        await terminal.ShowsAsync(text => text.Contains("- /tmp/text", StringComparison.Ordinal));
        await terminal.TypeAsync("i", "kept text", "Escape");
        await terminal.ShowsAsync(text => text.StartsWith("kept text\n~", StringComparison.Ordinal));
        Assert.Equal("1", await terminal.AskAsync("alternate_on"));
        // Ctrl+P is an ordinary key now, and so is d.
        await terminal.TypeAsync("C-b", "d");
        await terminal.PromptReturnsAsync();
        Assert.Equal("0", await terminal.AskAsync("alternate_on"));
        Assert.DoesNotContain("~", await terminal.TextAsync(), StringComparison.Ordinal);

        await using var other = await OpenAsync(50, 10);
        await other.SayAsync($"Connect-CtrTask {Id} -Attach");
        await other.ShowsAsync(text => text.StartsWith("kept text\n~", StringComparison.Ordinal) && text.Split('\n').Length == 10);
        Assert.Equal("1", await other.AskAsync("alternate_on"));
        await other.SayAsync(":q!");
        await other.PromptReturnsAsync();
        await LeaveAsync(other);
        await LeaveAsync(terminal);
    }

    [Fact]
    public async Task An_incomplete_detach_sequence_goes_to_the_process()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -Tty -- sh -c 'stty raw -echo; echo ready; od -An -v -tx1 -w1'");
        await using var terminal = await OpenAsync();
        await terminal.SayAsync($"Start-CtrTask {Id} -Attach");
        await terminal.ShowsAsync(text => text.Contains("\nready", StringComparison.Ordinal));
        await terminal.TypeAsync("C-p", "x", "C-p");
        // The last key waits for the next one, for a limited time.
        string Seen() => string.Concat(Engine.Require($"Get-CtrLog {Id}").Skip(1).Select(l => l.ToString()!.Trim() + ' '));
        await Eventually.TrueAsync(() => Seen().TrimEnd() == "10 78 10");
        await terminal.TypeAsync("C-p", "C-p", "C-q");
        await terminal.PromptReturnsAsync();
        await Eventually.TrueAsync(() => Seen().TrimEnd() == "10 78 10 10");
        await LeaveAsync(terminal);
    }

    [Fact]
    public async Task Without_input_Ctrl_C_detaches_and_the_task_continues()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -Tty -- sh -c 'while :; do date; sleep 0.3; done' | Start-CtrTask");
        await using var terminal = await OpenAsync();
        await terminal.SayAsync($"Connect-CtrTask {Id} -Attach");
        await terminal.ShowsAsync(text => text.Contains("UTC", StringComparison.Ordinal));
        await terminal.TypeAsync("x", "C-c");
        await terminal.PromptReturnsAsync();
        await terminal.ShowsAsync(text => text.Contains(Detached, StringComparison.Ordinal));
        Assert.Equal(CtrStatus.Running, Status());
        await LeaveAsync(terminal);
    }

    [Fact]
    public async Task A_shell_with_detach_keys_can_be_detached_and_reattached()
    {
        await StartAsync();
        await using var terminal = await OpenAsync();
        await EnterAsync(terminal, $"Enter-CtrContainer {Id} -DetachKeys ctrl-b,ctrl-d");
        await RunAsync(terminal, "word=kept");
        await terminal.TypeAsync("C-b", "C-d");
        await terminal.ShowsAsync(text => text.Contains($"{Detached}{Id} -ExecId exec-", StringComparison.Ordinal));
        await terminal.PromptReturnsAsync();
        var exec = Assert.Single(Engine.Require<CtrTaskConnection>($"Connect-CtrTask {Id}").Execs);
        await terminal.ClearAsync();
        await EnterAsync(terminal, $"(Connect-CtrTask {Id}).Execs[0] | Connect-CtrTask -Attach");
        await RunAsync(terminal, "echo $word");
        Assert.Contains("\nkept\n", await terminal.TextAsync(), StringComparison.Ordinal);
        await terminal.SayAsync("exit 4");
        await terminal.PromptReturnsAsync();
        await terminal.SayAsync("\"code $LASTEXITCODE\"");
        await terminal.ShowsAsync(text => text.Contains("\ncode 4\n", StringComparison.Ordinal));
        Assert.Equal(4, Engine.Require<CtrExit>($"Remove-CtrTask {Id} -ExecId {exec.ExecId}").ExitCode);

        // One that exits while a user is attached leaves nothing.
        await EnterAsync(terminal, $"Enter-CtrContainer {Id} -DetachKeys ctrl-b,ctrl-d");
        var files = LogFolders(Id).SelectMany(Directory.GetFiles).Count(f => f.Contains("exec-", StringComparison.Ordinal));
        Assert.True(files > 0);
        await terminal.SayAsync("exit");
        await terminal.PromptReturnsAsync();
        await Eventually.TrueAsync(() =>
            !LogFolders(Id).SelectMany(Directory.GetFiles).Any(f => f.EndsWith("exec-stdin", StringComparison.Ordinal))
        );
        await LeaveAsync(terminal);
        await NothingLeftAsync();
    }

    [Fact]
    public void Without_a_terminal_the_output_is_returned_as_lines_to_its_end()
    {
        var done = Engine.Invoke(
            $"New-CtrContainer {Id} -Image {Busybox} -- sh -c 'seq 1 50000; echo oops >&2; printf last; exit 3' | Start-CtrTask -Attach; $LASTEXITCODE"
        );
        Assert.Empty(done.Errors);
        Assert.Equal(Enumerable.Range(1, 50000).Select(i => $"{i}").Append("last").Append("3"), done.Output.Select(o => o.ToString()));
        Assert.Equal("oops", Assert.Single(done.Information).MessageData.ToString());
        // It has ended: there is nothing to attach to.
        AssertError(
            Engine.Invoke($"Connect-CtrTask {Id} -Attach").Error,
            ErrorIds.TaskNotRunning,
            "ConnectCtrTask",
            ErrorCategory.ResourceBusy,
            Id
        );
        Engine.Require($"Remove-CtrContainer {Id}");
    }

    [Fact]
    public async Task Attaching_shows_new_output_and_earlier_lines_on_request()
    {
        await StartAsync(
            "-- sh -c 'echo one; echo two; echo ready; read x; echo \"got $x\"; read x; echo end'",
            startOptions: "-WithStdin"
        );
        using var engine = DaemonFixture.Open();
        var attached = Engine.Start($"Connect-CtrTask {Id} -Attach");
        var withTail = engine.Start($"Connect-CtrTask {Id} -Attach -Tail 2");
        await Eventually.TrueAsync(() => withTail.Output.Count == 2);
        await Task.Delay(500);
        using var third = DaemonFixture.Open();
        third.Require($"Send-CtrInput {Id} word");
        await Eventually.TrueAsync(() => attached.Output.Count == 1 && withTail.Output.Count == 3);
        third.Require($"Send-CtrInput {Id} more");
        Assert.Equal(["got word", "end"], attached.Wait().Output.Select(o => o.ToString()));
        Assert.Equal(["two", "ready", "got word", "end"], withTail.Wait().Output.Select(o => o.ToString()));
    }

    [Fact]
    public async Task Ctrl_C_and_a_stopped_pipeline_leave_the_task_running()
    {
        await StartAsync("-- sh -c 'while :; do echo tick; sleep 0.1; done'");
        var attached = Engine.Start($"Connect-CtrTask {Id} -Attach");
        await Eventually.TrueAsync(() => attached.Output.Count > 2);
        await attached.StopAsync();
        Assert.IsType<PipelineStoppedException>(attached.Wait().Exception);
        Assert.Equal(CtrStatus.Running, Status());
        Assert.Equal("tick", Engine.Require<string>($"Connect-CtrTask {Id} -Attach | ForEach-Object {{ $_; break }}"));
    }

    [Fact]
    public async Task Output_that_is_not_stored_or_parameters_without_effect_are_one_error()
    {
        await StartAsync(startOptions: "-NoLog");
        AssertError(
            Engine.Invoke($"Connect-CtrTask {Id} -Attach").Error,
            ErrorIds.OutputNotKept,
            "ConnectCtrTask",
            ErrorCategory.NotImplemented,
            Id
        );
        foreach (var parameter in new[] { "-Tail 3", "-Interactive", "-DetachKeys x", "-ExecId x" })
            AssertError(
                Engine.Invoke($"Connect-CtrTask {Id} {parameter}").Error,
                ErrorIds.ConflictingParameters,
                "ConnectCtrTask",
                ErrorCategory.InvalidArgument,
                Id
            );
        AssertError(
            Engine.Invoke($"Connect-CtrTask {Id} -Attach -DetachKeys Ctrl+P,Ctrl+Ä").Error,
            ErrorIds.InvalidDetachKeys,
            "ConnectCtrTask",
            ErrorCategory.InvalidArgument,
            Id
        );
        AssertError(
            Engine.Invoke($"Connect-CtrTask {Id} -Attach -ExecId none").Error,
            ErrorIds.ExecNotFound,
            "ConnectCtrTask",
            ErrorCategory.ObjectNotFound,
            Id
        );
        AssertError(
            Engine.Invoke($"Connect-CtrTask {Id}-none -Attach").Error,
            ErrorIds.ContainerNotFound,
            "ConnectCtrTask",
            ErrorCategory.ObjectNotFound,
            $"{Id}-none"
        );
        Assert.Contains("'Ctrl+P'", Engine.Complete("Connect-CtrTask x -Attach -DetachKeys ").Select(c => c.CompletionText));

        // A task is not started if the terminal cannot be attached.
        var other = NewId();
        Engine.Require($"New-CtrContainer {other} -Image {Busybox} {Idle}");
        AssertError(
            Engine.Invoke($"Start-CtrTask {other} -Attach -NoLog").Error,
            ErrorIds.OutputNotKept,
            "StartCtrTask",
            ErrorCategory.NotImplemented,
            other
        );
        AssertError(Engine.Invoke($"Get-CtrTask {other}").Error, ErrorIds.TaskNotFound, "GetCtrTask", ErrorCategory.ObjectNotFound, other);
    }

    /// <summary>Pastes a text in pieces, faster than a process takes it, and gives all of it.</summary>
    private static async Task<string> PasteAsync(Terminal terminal)
    {
        var text = string.Concat(Enumerable.Range(0, Pasted / 10).Select(i => $"{i:D9} "));
        foreach (var piece in text.Chunk(60_000))
            await terminal.PasteAsync(new string(piece));
        return text;
    }
}
