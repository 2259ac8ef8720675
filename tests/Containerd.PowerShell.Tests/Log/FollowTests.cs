using System.Diagnostics;
using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Log;

/// <summary>Get-CtrLog -Follow, and the complete output of a task that has just exited.</summary>
public sealed class FollowTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    private const string TwoSteps = "-- sh -c 'echo one; while [ ! -e /go ]; do sleep 0.1; done; echo two; echo err >&2'";

    private static string[] Lines(IEnumerable<PSObject> output) => [.. output.Select(o => o.ToString())];

    [Theory]
    [InlineData("bookworm", "")]
    [InlineData("bookworm", "-LogFormat Timestamped")]
    [InlineData("sid", "")]
    [InlineData("sid", "-LogFormat Timestamped")]
    public async Task The_last_byte_is_available_right_after_the_exit(string suite, string options)
    {
        using var engine = (await DaemonFixtures.GetAsync(suite)).Open();
        var id = PrivateDaemon.Unique("t");
        try
        {
            engine.Require($"$null = New-CtrContainer {id} -Image {Busybox} -- sh -c 'seq 1 5000; printf last'");
            for (var i = 1; i <= 12; i++)
            {
                var lines = Lines(engine.Require($"$null = Start-CtrTask {id} {options} | Wait-CtrTask; Get-CtrLog {id} -Tail 5001"));
                Assert.Equal((5001, "1", "last"), (lines.Length, lines[0], lines[^1]));
            }
        }
        finally
        {
            engine.Require($"Remove-CtrContainer {id} -Force");
        }
    }

    [Theory]
    [InlineData("bookworm", "")]
    [InlineData("bookworm", "-LogFormat Timestamped")]
    [InlineData("sid", "")]
    [InlineData("sid", "-LogFormat Timestamped")]
    public async Task Lines_are_returned_as_they_are_written_until_the_tasks_end(string suite, string options)
    {
        var fixture = await DaemonFixtures.GetAsync(suite);
        using var engine = fixture.Open();
        using var other = fixture.Open();
        var id = PrivateDaemon.Unique("t");
        try
        {
            other.Require($"New-CtrContainer {id} -Image {Busybox} {TwoSteps} | Start-CtrTask {options}");
            var running = engine.Start($"Get-CtrLog {id} -Follow");
            await Eventually.TrueAsync(() => running.Output.Count == 1);
            await Task.Delay(300);
            Assert.False(running.IsCompleted);
            other.Require($"Invoke-CtrExec {id} -- touch /go");
            await Eventually.TrueAsync(() => running.IsCompleted);
            var done = running.Wait();
            Assert.Empty(done.Errors);
            Assert.Empty(done.Warnings);
            Assert.Equal(["err", "one", "two"], Lines(done.Output).Order(StringComparer.Ordinal));
            Assert.Equal(["one", "two"], Lines(done.Output.Where(o => Equals(o.Properties["Stream"].Value, CtrOutput.Stdout))));
            // The task has exited and still exists: following it again works too.
            Assert.Equal(3, engine.Require($"Get-CtrLog {id} -Follow").Count);
            Assert.Equal(["two"], Lines(engine.Require($"Get-CtrLog {id} -Follow -Stream Stdout -Tail 1")));
        }
        finally
        {
            other.Require($"Remove-CtrContainer {id} -Force");
        }
    }

    [Fact]
    public async Task The_last_lines_come_first_and_all_new_ones_follow()
    {
        await StartAsync("-- sh -c 'seq 1 10; echo ready; while [ ! -e /go ]; do sleep 0.1; done; seq 11 20'");
        await Eventually.TrueAsync(() => Engine.Require($"Get-CtrLog {Id}").Count == 11);
        using var other = DaemonFixture.Open();
        var running = Engine.Start($"Get-CtrLog {Id} -Follow -Tail 2");
        await Eventually.TrueAsync(() => running.Output.Count == 2);
        other.Require($"Invoke-CtrExec {Id} -- touch /go");
        Assert.Equal(["10", "ready", .. Enumerable.Range(11, 10).Select(n => $"{n}")], Lines(running.Wait().Output));
        Assert.Empty(Engine.Require($"Get-CtrLog {Id} -Follow -Tail 0"));
    }

    [Fact]
    public async Task Ctrl_C_returns_the_prompt_and_does_not_affect_the_task()
    {
        await StartAsync("-- sh -c 'echo ready; exec sleep 1000'");
        var running = Engine.Start($"Get-CtrLog {Id} -Follow");
        await Eventually.TrueAsync(() => running.Output.Count == 1);
        var clock = Stopwatch.StartNew();
        await running.StopAsync();
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(1.5), $"{clock.Elapsed}");
        Assert.IsType<PipelineStoppedException>(running.Wait().Exception);
        Assert.Equal(CtrStatus.Running, Status());
        Assert.Equal(
            ["ready"],
            Lines(Engine.Require($"foreach ($once in 1) {{ Get-CtrLog {Id} -Follow | ForEach-Object {{ $_; break }} }}"))
        );
    }

    [Fact]
    public async Task Several_containers_are_followed_side_by_side_and_the_screen_says_whose_each_line_is()
    {
        var second = NewId();
        Engine.Require($"'{Id}', '{second}' | New-CtrContainer -Image {Busybox} {TwoSteps} | Start-CtrTask");
        using var other = DaemonFixture.Open();
        var running = Engine.Start($"Get-CtrLog {Id}, {second}, {Id}-none -Follow");
        await Eventually.TrueAsync(() => running.Output.Count == 2);
        other.Require($"'{second}', '{Id}' | ForEach-Object {{ Invoke-CtrExec $_ -- touch /go }}");
        var done = running.Wait();
        AssertError(done.Error, ErrorIds.ContainerNotFound, "GetCtrLog", ErrorCategory.ObjectNotFound, $"{Id}-none");
        Assert.Equal(6, done.Output.Count);
        foreach (var id in new[] { Id, second })
            Assert.Equal(
                ["one", "two"],
                Lines(
                    done.Output.Where(o =>
                        Equals(o.Properties["ContainerId"].Value, id) && Equals(o.Properties["Stream"].Value, CtrOutput.Stdout)
                    )
                )
            );
        var shown = Engine.Display($"Get-CtrTask {Id}; Get-CtrLog {Id}, {second} -Stream Stdout");
        Assert.Contains(
            $"{Id} | one\n{Id} | two\n{second} | one\n{second} | two\n",
            shown.ReplaceLineEndings("\n"),
            StringComparison.Ordinal
        );
        // The text itself is unchanged; with a single container, no name is shown.
        Assert.Equal(["one", "two", "one", "two"], Lines(Engine.Require($"Get-CtrLog {Id}, {second} -Stream Stdout")));
        Assert.DoesNotContain("|", Engine.Display($"Get-CtrLog {Id}"), StringComparison.Ordinal);
        // With a wildcard, the containers that have a log.
        Engine.Require($"New-CtrContainer {Id}-quiet -Image {Busybox} -- true");
        Assert.Equal(3, Engine.Require($"Get-CtrLog {Id}*").Count);
        Assert.Empty(Engine.Require("Get-CtrLog no-such-*"));
    }

    [Fact]
    public async Task A_container_that_is_restarted_in_the_meantime_is_followed_further()
    {
        var flag = Path.Combine(Folder, "flag");
        await StartAsync(TwoSteps);
        using var other = DaemonFixture.Open();
        var running = Engine.Start(
            $"Get-CtrLog {Id} -Follow | ForEach-Object {{ while (-not [IO.File]::Exists('{flag}')) {{ [Threading.Thread]::Sleep(20) }}; \"$($_.Start) $_\" }}"
        );
        other.Require(
            $"Invoke-CtrExec {Id} -- touch /go; Wait-CtrTask {Id} -Timeout 20; Start-CtrTask {Id} -LogFormat Timestamped | Wait-CtrTask -Timeout 20; Start-CtrTask {Id} | Wait-CtrTask -Timeout 20"
        );
        File.WriteAllText(flag, "");
        Assert.Equal(
            ["1 err", "1 one", "1 two", "2 err", "2 one", "2 two", "3 err", "3 one", "3 two"],
            Lines(running.Wait().Output).Order(StringComparer.Ordinal)
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("-LogFormat Timestamped")]
    public async Task A_created_task_can_be_awaited_and_its_removal_ends_the_wait(string options)
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -- sh -c 'echo ready; exec sleep 1000' | New-CtrTask {options}");
        using var other = DaemonFixture.Open();
        var running = Engine.Start($"Get-CtrLog {Id} -Follow");
        await Task.Delay(300);
        Assert.False(running.IsCompleted);
        other.Require($"Start-CtrTask {Id}");
        await Eventually.TrueAsync(() => running.Output.Count == 1);
        other.Require($"Remove-CtrContainer {Id} -Force");
        await Eventually.TrueAsync(() => running.IsCompleted);
        var done = running.Wait();
        Assert.Empty(done.Errors);
        Assert.Empty(done.Warnings);
        Assert.Equal(["ready"], Lines(done.Output));
    }

    [Fact]
    public async Task An_exec_is_followed_and_a_child_that_holds_its_output_is_a_warning_after_a_grace()
    {
        await StartAsync();
        Assert.Equal(
            ["x", "y"],
            Lines(Engine.Require($"Invoke-CtrExec {Id} -Detach -- sh -c 'echo x; sleep 0.5; echo y' | Get-CtrLog -Follow"))
        );
        var done = Engine
            .Start(
                $"Invoke-CtrExec {Id} -Detach -ExecId held -- sh -c 'echo parent; (sleep 1; echo child; sleep 60) &' | Get-CtrLog -Follow"
            )
            .Wait();
        Assert.Equal(["parent", "child"], Lines(done.Output));
        Assert.Contains("holds its output open", Assert.Single(done.Warnings).Message, StringComparison.Ordinal);
        AssertError(
            Engine.Invoke($"Get-CtrLog {Id} -ExecId none -Follow").Error,
            ErrorIds.LogNotFound,
            "GetCtrLog",
            ErrorCategory.ObjectNotFound,
            Id
        );
    }

    [Fact]
    public void Several_starts_that_wrote_to_the_users_own_file_are_read_once()
    {
        var file = Path.Combine(Folder, "own.log");
        Engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} -- echo x; 1..3 | ForEach-Object {{ $null = Start-CtrTask {Id} -LogPath {file} | Wait-CtrTask }}"
        );
        Assert.Equal(["x", "x", "x"], File.ReadAllLines(file));
        Assert.Equal(["x", "x", "x"], Lines(Engine.Require($"Get-CtrLog {Id} -Follow")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-Tail 2")]
    public async Task The_users_own_file_is_followed_over_the_next_start_and_nothing_is_returned_twice(string options)
    {
        var (file, flag) = (Path.Combine(Folder, "own.log"), Path.Combine(Folder, "flag"));
        Engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} -Mount {Folder}:/flags -- sh -c 'for i in 1 2 3; do echo $i; done; while [ ! -e /flags/go ]; do sleep 0.02; done; rm /flags/go; echo end' | Start-CtrTask -LogPath {file}"
        );
        await Eventually.TrueAsync(() => File.ReadAllLines(file).Length == 3);
        using var other = DaemonFixture.Open();
        // A slow reader: it receives the output of the first start after the second has ended.
        var running = Engine.Start(
            $"Get-CtrLog {Id} -Follow {options} | ForEach-Object {{ \"$_\"; while (-not [IO.File]::Exists('{flag}')) {{ [Threading.Thread]::Sleep(20) }} }}"
        );
        await Eventually.TrueAsync(() => running.Output.Count == 1);
        for (var start = 0; start < 2; start++)
        {
            await File.WriteAllTextAsync(Path.Combine(Folder, "go"), "");
            other.Require($"$null = Wait-CtrTask {Id} -Timeout 20; if ({start} -eq 0) {{ $null = Start-CtrTask {Id} -LogPath {file} }}");
        }

        await File.WriteAllTextAsync(flag, "");
        string[] both = ["1", "2", "3", "end", "1", "2", "3", "end"];
        Assert.Equal(options.Length > 0 ? both[1..] : both, Lines(running.Wait().Output));
    }

    [Theory]
    [InlineData("bookworm", "")]
    [InlineData("bookworm", "-LogFormat Timestamped")]
    [InlineData("sid", "")]
    public async Task Following_continues_over_a_restart_of_the_daemon(string suite, string options)
    {
        await using var fixture = await DaemonFixture.StartAsync(suite, "runc");
        using var engine = fixture.Open();
        using var other = fixture.Open();
        other.Require(
            $"New-CtrContainer slow -Image {Busybox} -Mount {Folder}:/flags -- sh -c 'i=0; while [ ! -e /flags/end ]; do i=$((i+1)); echo $i; sleep 0.05; done; echo end' | Start-CtrTask {options}"
        );
        var running = engine.Start("Get-CtrLog slow -Follow");
        await Eventually.TrueAsync(() => running.Output.Count > 3);
        var pid = fixture.Daemon.Daemon.Pid;
        Process.GetProcessById(pid).Kill();
        var seen = running.Output.Count;
        await Eventually.TrueAsync(() => running.Output.Count > seen + 10);
        await Eventually.TrueAsync(() => other.Invoke("Get-CtrTask slow").Errors.Count == 0, TimeSpan.FromSeconds(60));
        Assert.False(running.IsCompleted);
        File.WriteAllText(Path.Combine(Folder, "end"), "");
        await Eventually.TrueAsync(() => running.IsCompleted, TimeSpan.FromSeconds(60));
        var done = running.Wait();
        Assert.Empty(done.Errors);
        var lines = Lines(done.Output);
        Assert.Equal([.. Enumerable.Range(1, lines.Length - 1).Select(n => $"{n}"), "end"], lines);
    }
}
