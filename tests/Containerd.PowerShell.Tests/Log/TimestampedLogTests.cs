using System.Diagnostics;
using System.Management.Automation;
using System.Text;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Log;

/// <summary>Logs that the helper program writes, beside containerd's shim: times, streams in one order, and a limited size.</summary>
public sealed class TimestampedLogTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static string[] Text(IEnumerable<PSObject> output) => [.. output.Select(o => o.ToString())];

    private string[] Lines(string script) => Text(Engine.Require(script));

    private void Run(string command, string startOptions = "-LogFormat Timestamped", string options = "") =>
        Engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} {options} -- sh -c '{command}' | Start-CtrTask {startOptions} | Wait-CtrTask -Timeout 60"
        );

    [Theory]
    [InlineData("bookworm", "runc")]
    [InlineData("trixie", "runc")]
    [InlineData("sid", "runc")]
    [InlineData("sid", "crun")]
    public async Task Lines_have_times_and_both_streams_are_in_their_order(string suite, string runtime)
    {
        var fixture = await DaemonFixtures.GetAsync(suite, runtime);
        using var engine = fixture.Open();
        var before = DateTime.Now;
        engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} -Runtime {runtime} -- sh -c 'echo a; sleep 0.2; echo b >&2; sleep 0.2; echo c; sleep 0.2; printf unended' | Start-CtrTask -LogFormat Timestamped | Wait-CtrTask -Timeout 60"
        );
        var lines = engine.Require($"Get-CtrLog {Id}");
        var after = DateTime.Now;
        Assert.Equal(["a", "b", "c", "unended"], Text(lines));
        Assert.Equal(
            [CtrOutput.Stdout, CtrOutput.Stderr, CtrOutput.Stdout, CtrOutput.Stdout],
            lines.Select(l => l.Properties["Stream"].Value)
        );
        var times = lines.Select(l => (DateTime)l.Properties["Time"].Value).ToList();
        Assert.Equal(times.Order(), times);
        Assert.InRange(times[0], before, after);
        Assert.All(times, t => Assert.Equal(DateTimeKind.Local, t.Kind));
        Assert.Equal($"{times[1]:O} b", Assert.Single(engine.Require($"Get-CtrLog {Id} -Timestamps -Stream Stderr")).ToString());
        Assert.Equal(["c", "unended"], Text(engine.Require($"Get-CtrLog {Id} -Tail 2")));
        Assert.Equal(["c", "unended"], Text(engine.Require($"Get-CtrLog {Id} -Stream Stdout -Tail 2 -Follow")));
        engine.Require($"Remove-CtrContainer {Id}");
        await Eventually.TrueAsync(() => HelpersOf(Id).Count == 0);
        Assert.Empty(Directory.EnumerateDirectories(CtrDaemonFolderOf(fixture), $"{Id}~*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Following_until_a_time_returns_all_earlier_lines_and_ends_although_the_task_continues()
    {
        Engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} -- sh -c 'while :; do echo x; echo y; echo z >&2; usleep 200; done' | Start-CtrTask -LogFormat Timestamped"
        );
        var clock = Stopwatch.StartNew();
        var counts = Engine.Require<object[]>(
            $"$until = [datetime]::Now.AddSeconds(2); $followed = @(Get-CtrLog {Id} -Follow -Until $until); , @($followed.Count, @(Get-CtrLog {Id} -Until $until).Count, ($followed[-1].Time -le $until))"
        );
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(15), $"{clock.Elapsed}");
        Assert.Equal(counts[1], counts[0]);
        Assert.InRange((int)counts[0], 100, int.MaxValue);
        Assert.True((bool)counts[2]);
        Assert.Equal(CtrStatus.Running, Status());
    }

    [Fact]
    public void Since_and_Until_accept_times_and_lengths_of_time()
    {
        Run("for i in 1 2 3 4; do echo $i; sleep 0.2; done");
        Assert.Equal(["2", "3", "4"], Lines($"$l = Get-CtrLog {Id}; Get-CtrLog {Id} -Since $l[1].Time"));
        Assert.Equal(["1", "2"], Lines($"Get-CtrLog {Id} -Until $l[1].Time"));
        Assert.Equal(["2", "3"], Lines($"Get-CtrLog {Id} -Since $l[1].Time -Until $l[2].Time"));
        Assert.Equal(["3"], Lines($"Get-CtrLog {Id} -Until $l[2].Time -Tail 1"));
        Assert.Equal(["2", "3", "4"], Lines($"Get-CtrLog {Id} -Since $l[1].Time.ToUniversalTime().ToString('O')"));
        foreach (
            var ago in new[]
            {
                "1h",
                "([timespan]::FromHours(1))",
                "3600",
                "01/01/2024",
                "'2024-05-06 07:08'",
                "([datetimeoffset]::Now.AddHours(-1))",
            }
        )
            Assert.Equal(4, Lines($"Get-CtrLog {Id} -Since {ago}").Length);
        Assert.Empty(Lines($"Get-CtrLog {Id} -Until 1h"));
        Assert.Equal(["1", "2"], Lines($"Get-CtrLog {Id} -Follow -Until $l[1].Time"));
        Assert.Empty(Lines($"Get-CtrLog {Id} -Follow -Until 1h"));
        Assert.Empty(Lines($"Get-CtrLog {Id} -Since ([datetime]::Now.AddHours(1))"));
        Assert.Equal(4, Lines($"Get-CtrLog {Id} -Until ([datetime]::Now.AddHours(1)) -Follow").Length);
        Assert.Contains(
            "is not a time",
            Engine.Invoke($"Get-CtrLog {Id} -Since yesterdayish").Error.Exception.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Following_until_a_time_ends_then_and_the_task_continues()
    {
        await StartAsync("-- sh -c 'echo ready; exec sleep 1000'", startOptions: "-LogFormat Timestamped");
        var done = Engine.Start($"Get-CtrLog {Id} -Follow -Until ([datetime]::Now.AddSeconds(1))").Wait();
        Assert.Equal(["ready"], Text(done.Output));
        Assert.Empty(done.Warnings);
        Assert.Empty(done.Errors);
        Assert.Equal(CtrStatus.Running, Status());
    }

    [Fact]
    public void Plain_output_without_times_is_one_clear_error()
    {
        Run("echo plain", startOptions: "");
        foreach (var question in new[] { "-Since 1h", "-Until ([datetime]::Now)", "-Timestamps", "-Since 1h -Follow" })
        {
            var done = Engine.Invoke($"Get-CtrLog {Id} {question}");
            Assert.Empty(done.Output);
            AssertError(done.Error, ErrorIds.LogNotTimestamped, "GetCtrLog", ErrorCategory.InvalidArgument, Id);
            Assert.Contains("-LogFormat Timestamped", done.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        }

        // Nothing is missing from a plain start that ended before.
        Assert.Equal(
            ["plain"],
            Lines(
                $"[Threading.Thread]::Sleep(50); $since = [datetime]::Now; $null = Start-CtrTask {Id} -LogFormat Timestamped | Wait-CtrTask; Get-CtrLog {Id} -Since $since"
            )
        );
        Assert.Equal(["plain", "plain"], Lines($"Get-CtrLog {Id}"));
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_limited_log_keeps_the_newest_lines_in_complete_files(string suite)
    {
        var fixture = await DaemonFixtures.GetAsync(suite);
        using var engine = fixture.Open();
        engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} -- seq 1 60000 | Start-CtrTask -LogMaxSize 64KB -LogMaxFiles 3 | Wait-CtrTask -Timeout 60 | Remove-CtrTask"
        );
        var folder = Directory.EnumerateDirectories(CtrDaemonFolderOf(fixture), $"{Id}~*", SearchOption.AllDirectories).Single();
        var files = Directory.EnumerateFiles(folder, "1.*.log").Select(p => new FileInfo(p)).ToList();
        Assert.Equal(3, files.Count);
        Assert.All(files, f => Assert.InRange(f.Length, 1, 64 * 1024));
        Assert.All(files, f => Assert.Equal(OwnerOnly, f.UnixFileMode));
        var numbers = Text(engine.Require($"Get-CtrLog {Id}")).Select(int.Parse).ToList();
        Assert.Equal(Enumerable.Range(numbers[0], numbers.Count), numbers);
        Assert.Equal(60000, numbers[^1]);
        Assert.True(numbers.Count > 1000, $"{numbers.Count}");
        Assert.Equal(["59999", "60000"], Text(engine.Require($"Get-CtrLog {Id} -Tail 2")));
        // The next start has its own files.
        engine.Require($"Start-CtrTask {Id} -LogMaxSize 64KB -LogMaxFiles 1 | Wait-CtrTask -Timeout 60 | Remove-CtrTask");
        Assert.Single(Directory.EnumerateFiles(folder, "2.*.log"));
        Assert.Equal(60000, int.Parse(engine.Require($"Get-CtrLog {Id}")[^1].ToString()));
        engine.Require($"Remove-CtrContainer {Id}");
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task Following_a_log_that_switches_files_loses_nothing(string suite)
    {
        var fixture = await DaemonFixtures.GetAsync(suite);
        using var engine = fixture.Open();
        using var other = fixture.Open();
        other.Require(
            $"New-CtrContainer {Id} -Image {Busybox} -- sh -c 'echo begin; while [ ! -e /go ]; do sleep 0.1; done; seq 1 100000; sleep 0.5; seq 100001 100010' | Start-CtrTask -LogMaxSize 64KB -LogMaxFiles 2"
        );
        var running = engine.Start($"Get-CtrLog {Id} -Follow");
        await Eventually.TrueAsync(() => running.Output.Count == 1);
        other.Require($"Invoke-CtrExec {Id} -- touch /go");
        var done = running.Wait();
        Assert.Empty(done.Warnings);
        Assert.Equal(["begin", .. Enumerable.Range(1, 100010).Select(n => $"{n}")], Text(done.Output));
        other.Require($"Remove-CtrContainer {Id} -Force");
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_helper_that_is_killed_blocks_nothing(string suite)
    {
        var fixture = await DaemonFixtures.GetAsync(suite);
        using var engine = fixture.Open();
        engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} -- sh -c 'trap \"\" PIPE; echo ready; while [ ! -e /go ]; do echo more 2>/dev/null; sleep 0.1; done; exit 5' | Start-CtrTask -LogFormat Timestamped"
        );
        await Eventually.TrueAsync(() => engine.Require($"Get-CtrLog {Id}").Count > 2);
        using var other = fixture.Open();
        var following = other.Start($"Get-CtrLog {Id} -Follow");
        await Eventually.TrueAsync(() => following.Output.Count > 2);
        Process.GetProcessById(Assert.Single(HelpersOf(Id))).Kill();
        await Task.Delay(300);
        Assert.NotEmpty(engine.Require($"Get-CtrLog {Id}"));
        engine.Require($"Invoke-CtrExec {Id} -- touch /go");
        Assert.Equal(5, engine.Require<CtrExit>($"Wait-CtrTask {Id} -Timeout 30").ExitCode);
        await Eventually.TrueAsync(() => following.IsCompleted);
        Assert.Empty(following.Wait().Errors);
        Assert.Equal("ready", engine.Require($"Get-CtrLog {Id}")[0].ToString());
        engine.Require($"Remove-CtrTask {Id}; Remove-CtrContainer {Id}");
        await Eventually.TrueAsync(() => HelpersOf(Id).Count == 0);
    }

    [Fact]
    public async Task A_helper_that_does_not_answer_is_waited_for_only_a_short_time()
    {
        await StartAsync(
            "-- sh -c 'echo ready; while [ ! -e /go ]; do sleep 0.1; done; echo last'",
            startOptions: "-LogFormat Timestamped"
        );
        var helper = Assert.Single(HelpersOf(Id));
        await Shell.FreezeAsync(helper);
        try
        {
            var done = Engine.Invoke($"Invoke-CtrExec {Id} -- touch /go; $null = Wait-CtrTask {Id} -Timeout 20; Get-CtrLog {Id} -Follow");
            Assert.Equal(["ready"], Text(done.Output));
            Assert.NotEmpty(done.Warnings);
        }
        finally
        {
            await Shell.RunAsync("kill", "-CONT", $"{helper}");
        }

        Assert.Equal(["ready", "last"], Lines($"Get-CtrLog {Id}"));
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_terminal_has_an_input_too_and_its_output_is_complete(string suite)
    {
        var fixture = await DaemonFixtures.GetAsync(suite);
        using var engine = fixture.Open();
        engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} -Tty -- sh -c 'stty -echo; echo ready; read x; echo got $x; seq 1 3000; printf unended' | Start-CtrTask -LogFormat Timestamped -WithStdin"
        );
        await Eventually.TrueAsync(() => engine.Require($"Get-CtrLog {Id}").Count > 0);
        engine.Require($"Send-CtrInput {Id} hello; Wait-CtrTask {Id} -Timeout 30");
        Assert.Equal(
            ["ready", "got hello", .. Enumerable.Range(1, 3000).Select(n => $"{n}"), "unended"],
            Text(engine.Require($"Get-CtrLog {Id}"))
        );
        Assert.Empty(engine.Require($"Get-CtrLog {Id} -Stream Stderr"));
        await Eventually.TrueAsync(() => HelpersOf(Id).Count == 0);
        engine.Require($"Remove-CtrContainer {Id} -Force");
    }

    [Fact]
    public void Any_bytes_are_preserved()
    {
        Run(
            "head -c 200000 /dev/zero | tr \"\\000\" x; echo; printf \"a\\r\\nb\\000c\\n\\n\\303\\244\\n\\377\\n\"; head -c 100000 /dev/zero | tr \"\\000\" y >&2"
        );
        var lines = Lines($"Get-CtrLog {Id} -Stream Stdout");
        Assert.Equal([new string('x', 200000), "a", "b\0c", "", "ä", "\uFFFD"], lines);
        Assert.Equal(new string('y', 100000), Assert.Single(Lines($"Get-CtrLog {Id} -Stream Stderr")));
        Engine.Require($"Remove-CtrTask {Id}");
        var file = Assert.Single(Directory.EnumerateFiles(Assert.Single(LogFolders(Id)), "*.log"));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(file));
        // Other tools can read the format.
        Assert.All(File.ReadAllText(file, Encoding.Latin1).Split('\n')[..^1], r =>
            Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z (stdout|stderr) [FP] ", r)
        );
    }

    [Fact]
    public void Options_that_cannot_be_combined_are_rejected_immediately()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -- true");
        foreach (
            var (options, error) in new[]
            {
                ("-LogFormat Timestamped -WithStdin", ErrorIds.LogFormatWithStdin),
                ("-LogMaxSize 1MB -WithStdin", ErrorIds.LogFormatWithStdin),
                ("-LogFormat Timestamped -NoLog", ErrorIds.ConflictingParameters),
                ("-LogPath /tmp/x -NoLog", ErrorIds.ConflictingParameters),
                ("-LogFormat Timestamped -LogPath /tmp/x", ErrorIds.ConflictingParameters),
                ("-LogFormat Plain -LogMaxSize 1MB", ErrorIds.ConflictingParameters),
                ("-LogMaxFiles 3", ErrorIds.ConflictingParameters),
                ("-LogFormat Timestamped -LogMaxFiles 3", ErrorIds.ConflictingParameters),
                ("-LogMaxSize 1KB", ErrorIds.InvalidLogSize),
                ("-LogMaxSize -1", ErrorIds.InvalidLogSize),
                ("-LogMaxSize 1MB -LogMaxFiles 0", ErrorIds.InvalidLogSize),
            }
        )
        {
            AssertError(Engine.Invoke($"Start-CtrTask {Id} {options}").Error, error, "StartCtrTask", ErrorCategory.InvalidArgument);
            AssertError(Engine.Invoke($"Get-CtrTask {Id}").Error, ErrorIds.TaskNotFound, "GetCtrTask", ErrorCategory.ObjectNotFound);
            Assert.Empty(LogFolders(Id));
        }

        Engine.Require($"New-CtrTask {Id}");
        AssertError(
            Engine.Invoke($"Start-CtrTask {Id} -LogFormat Timestamped").Error,
            ErrorIds.TaskCreated,
            "StartCtrTask",
            ErrorCategory.ResourceBusy
        );
    }

    [Fact]
    public async Task A_module_without_the_helper_program_says_so_and_starts_nothing()
    {
        var folder = Directory.CreateTempSubdirectory("containerd-bare-").FullName;
        await Shell.RunAsync("cp", "-r", Repository.Module, folder);
        foreach (var helper in Directory.GetFiles(folder, "containerd-helper*", SearchOption.AllDirectories))
            File.Delete(helper);
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -- true");
        var run = await HostProcess.RunAsync(
            $"Import-Module Containerd; $null = Connect-CtrSession '{DaemonFixture.Daemon.Address}' -Namespace {DaemonFixture.Namespace}; Start-CtrTask {Id} -LogFormat Timestamped -ErrorAction SilentlyContinue; Say Error $Error[0].FullyQualifiedErrorId",
            new Dictionary<string, string?> { ["CONTAINERD_MODULES"] = folder, ["PSModulePath"] = folder }
        );
        Assert.StartsWith("HelperMissing,", run["Error"], StringComparison.Ordinal);
        AssertError(Engine.Invoke($"Get-CtrTask {Id}").Error, ErrorIds.TaskNotFound, "GetCtrTask", ErrorCategory.ObjectNotFound);
        Assert.Empty(LogFolders(Id).SelectMany(Directory.EnumerateFiles));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Attaching_to_it_fails_immediately_with_a_clear_error()
    {
        await StartAsync("-- sh -c 'echo ready; exec sleep 1000'", startOptions: "-LogFormat Timestamped");
        AssertError(
            Engine.Invoke($"Connect-CtrTask {Id} -Attach").Error,
            ErrorIds.OutputNotKept,
            "ConnectCtrTask",
            ErrorCategory.NotImplemented,
            Id
        );
        Engine.Require($"New-CtrContainer {Id}-b -Image {Busybox} -- sleep 1000");
        AssertError(
            Engine.Invoke($"Start-CtrTask {Id}-b -Attach -LogFormat Timestamped").Error,
            ErrorIds.OutputNotKept,
            "StartCtrTask",
            ErrorCategory.NotImplemented,
            $"{Id}-b"
        );
        AssertError(Engine.Invoke($"Get-CtrTask {Id}-b").Error, ErrorIds.TaskNotFound, "GetCtrTask", ErrorCategory.ObjectNotFound);
        await Eventually.TrueAsync(() => HelpersOf($"{Id}-b").Count == 0);
        Engine.Require($"New-CtrTask {Id}-b");
        AssertError(
            Engine.Invoke($"Start-CtrTask {Id}-b -Attach -LogFormat Timestamped").Error,
            ErrorIds.TaskCreated,
            "StartCtrTask",
            ErrorCategory.ResourceBusy
        );
    }

    [Fact]
    public async Task A_helper_that_cannot_start_is_an_error_and_leaves_nothing()
    {
        await using var own = await DaemonFixture.StartAsync("bookworm", "runc");
        using var engine = own.Open();
        engine.Require(
            $"New-CtrContainer web -Image {Busybox} -- echo x; Start-CtrTask web -LogFormat Timestamped | Wait-CtrTask | Remove-CtrTask"
        );
        var program = Directory.EnumerateFiles(Path.Combine(CtrDaemonFolderOf(own), "bin")).Single();
        Assert.Equal("containerd-helper-1", Path.GetFileName(program));
        // It counts as a newer build, which is not replaced.
        File.Delete(program);
        File.WriteAllText(program, "#!/bin/sh\n[ $1 = version ] && echo containerd-helper 1 99.0.0.0\n");
        File.SetUnixFileMode(program, OwnerOnly | UnixFileMode.UserExecute);
        AssertError(
            engine.Invoke("Start-CtrTask web -LogFormat Timestamped").Error,
            ErrorIds.LoggerFailed,
            "StartCtrTask",
            ErrorCategory.OperationStopped
        );
        AssertError(engine.Invoke("Get-CtrTask web").Error, ErrorIds.TaskNotFound, "GetCtrTask", ErrorCategory.ObjectNotFound);
        // One that does not run at all is replaced.
        File.SetUnixFileMode(program, OwnerOnly);
        engine.Require("Start-CtrTask web -LogFormat Timestamped | Wait-CtrTask | Remove-CtrTask");
        Assert.Equal(["x", "x"], Text(engine.Require("Get-CtrLog web")));
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_task_that_names_the_program_of_an_earlier_version_keeps_it(string suite)
    {
        var fixture = await DaemonFixtures.GetAsync(suite);
        using var engine = fixture.Open();
        engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} -- echo x; Start-CtrTask {Id} -LogFormat Timestamped | Wait-CtrTask | Remove-CtrTask"
        );
        var folder = Directory.EnumerateDirectories(CtrDaemonFolderOf(fixture), $"{Id}~*", SearchOption.AllDirectories).Single();
        var programs = Path.Combine(CtrDaemonFolderOf(fixture), "bin");
        var former = Path.Combine(programs, "containerd-logger-0123456789abcdef");
        File.Copy(Path.Combine(programs, "containerd-helper-1"), former, overwrite: true);
        // As version 0.3.0 starts a task, or the restart monitor one that it started.
        await Shell.RunAsync("mkfifo", "-m", "600", Path.Combine(folder, "2.sync"));
        await fixture.Daemon.CtrAsync(
            "task",
            "start",
            "--detach",
            "--log-uri",
            $"binary://{former}?log={Uri.EscapeDataString($"0:5:0:{folder}/2")}",
            Id
        );
        engine.Require($"$null = Wait-CtrTask {Id} -Timeout 30");
        Assert.Equal(["x", "x"], Text(engine.Require($"Get-CtrLog {Id}")));
        engine.Require($"Remove-CtrTask {Id}; Start-CtrTask {Id} -LogFormat Timestamped | Wait-CtrTask | Remove-CtrTask");
        Assert.Equal(3, engine.Require($"Get-CtrLog {Id}").Count);
        Assert.True(File.Exists(former));
        engine.Require($"Remove-CtrContainer {Id}");

        // The next build removes programs that no task names. Containerd has cleaned up the helper of the former task.
        var named = Path.Combine(programs, "containerd-logger-fedcba9876543210");
        File.Copy(former, named, overwrite: true);
        engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} -Label @{{ loguri = 'binary://{named}?log=x' }} -- echo x; Start-CtrTask {Id} -LogFormat Timestamped | Wait-CtrTask | Remove-CtrTask"
        );
        Assert.True(File.Exists(former));
        File.Delete(Path.Combine(programs, "containerd-helper-1"));
        engine.Require($"Start-CtrTask {Id} -LogFormat Timestamped | Wait-CtrTask | Remove-CtrTask; Remove-CtrContainer {Id}");
        Assert.Equal((false, true), (File.Exists(former), File.Exists(named)));
        File.Delete(named);
    }

    [Fact]
    public void The_helper_program_lies_in_another_folder_if_the_session_names_one()
    {
        var folder = Directory.CreateTempSubdirectory("containerd-other helper-").FullName;
        Engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} -- echo x; $other = Connect-CtrSession '{DaemonFixture.Daemon.Address}' -Namespace {DaemonFixture.Namespace} -Name {Id} -HelperFolder '{folder}/bin'; Start-CtrTask {Id} -LogFormat Timestamped -Session $other | Wait-CtrTask"
        );
        Assert.Equal(["containerd-helper-1"], Directory.GetFiles(Path.Combine(folder, "bin")).Select(Path.GetFileName));
        Assert.Equal(
            new Uri(Path.Combine(folder, "bin", "containerd-helper-1")).AbsolutePath,
            new Uri(Engine.Require($"(Get-CtrTask {Id}).Stdout")[0].ToString()).AbsolutePath
        );
        Assert.Equal(["x"], Lines($"Get-CtrLog {Id}"));
        Engine.Require($"Disconnect-CtrSession {Id}");
        Directory.Delete(folder, recursive: true);
        AssertError(
            Engine.Invoke("Connect-CtrSession ssh://root@127.0.0.1:1 -HelperFolder /opt/bin").Error,
            ErrorIds.ConflictingParameters,
            "ConnectCtrSession",
            ErrorCategory.InvalidArgument
        );
    }

    [Fact]
    public async Task A_file_system_that_does_not_permit_execution_is_named_and_so_is_the_setting()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -- true");
        var folder = Directory.CreateTempSubdirectory("containerd-noexec-").FullName;
        var run = await HostProcess.RunBesideMountsAsync(
            $"mount -t tmpfs -o noexec,mode=755 tmpfs '{folder}'",
            $"""
            $null = Connect-CtrSession '{DaemonFixture.Daemon.Address}' -Namespace {DaemonFixture.Namespace} -HelperFolder '{folder}/bin'
            Start-CtrTask {Id} -LogFormat Timestamped -ErrorAction SilentlyContinue
            Say id $Error[0].FullyQualifiedErrorId
            Say message $Error[0].Exception.Message
            Say action $Error[0].ErrorDetails.RecommendedAction
            Say files @(Get-ChildItem '{folder}/bin').Count
            Say plain (Start-CtrTask {Id}).Status
            """
        );
        Directory.Delete(folder, recursive: true);
        Assert.StartsWith("HelperNotExecutable,", run["id"], StringComparison.Ordinal);
        Assert.Equal(
            $"The helper program in '{folder}/bin' cannot be executed: the file system of the folder is mounted with the option noexec.",
            run["message"]
        );
        Assert.Contains("Connect-CtrSession -HelperFolder", run["action"], StringComparison.Ordinal);
        Assert.Equal("0", run["files"]);
        Assert.NotEmpty(run["plain"]);
    }

    private static string CtrDaemonFolderOf(DaemonFixture fixture) => Client.CtrDaemonFolder.DataRootFor(fixture.Daemon.SocketPath)!;

    /// <summary>The ids of the helpers' processes of a container.</summary>
    private static List<int> HelpersOf(string id) =>
        [
            .. Process
                .GetProcesses()
                .Where(p =>
                    CommandLine(p.Id) is var line
                    && line.Contains("containerd-helper", StringComparison.Ordinal)
                    && line.Contains($"/{id}~", StringComparison.Ordinal)
                )
                .Select(p => p.Id),
        ];

    private static string CommandLine(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }
}
