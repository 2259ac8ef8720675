using System.Diagnostics;
using System.Management.Automation;
using System.Text;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Log;

/// <summary>Logs that our logger writes, beside containerd's shim: times, streams in one order, and a limited size.</summary>
public sealed class TimestampedLogTests(Scenes scenes) : LifecycleTest(scenes)
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
        var scene = await Scenes.GetAsync(suite, runtime);
        using var engine = scene.Open();
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
        await Eventually.TrueAsync(() => LoggersOf(Id).Count == 0);
        Assert.Empty(Directory.EnumerateDirectories(CtrDaemonFolderOf(scene), $"{Id}~*", SearchOption.AllDirectories));
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
            AssertError(done.Error, "LogNotTimestamped", "GetCtrLog", ErrorCategory.InvalidArgument, Id);
            Assert.Contains("-LogFormat Timestamped", done.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        }

        // Of a plain start that was over by then, nothing is missing.
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
        var scene = await Scenes.GetAsync(suite);
        using var engine = scene.Open();
        engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} -- seq 1 60000 | Start-CtrTask -LogMaxSize 64KB -LogMaxFiles 3 | Wait-CtrTask -Timeout 60 | Remove-CtrTask"
        );
        var folder = Directory.EnumerateDirectories(CtrDaemonFolderOf(scene), $"{Id}~*", SearchOption.AllDirectories).Single();
        var files = Directory.EnumerateFiles(folder, "1.*.log").Select(p => new FileInfo(p)).ToList();
        Assert.Equal(3, files.Count);
        Assert.All(files, f => Assert.InRange(f.Length, 1, 64 * 1024));
        Assert.All(files, f => Assert.Equal(OwnerOnly, f.UnixFileMode));
        var numbers = Text(engine.Require($"Get-CtrLog {Id}")).Select(int.Parse).ToList();
        Assert.Equal(Enumerable.Range(numbers[0], numbers.Count), numbers);
        Assert.Equal(60000, numbers[^1]);
        Assert.True(numbers.Count > 1000, $"{numbers.Count}");
        Assert.Equal(["59999", "60000"], Text(engine.Require($"Get-CtrLog {Id} -Tail 2")));
        // The next start is one more.
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
        var scene = await Scenes.GetAsync(suite);
        using var engine = scene.Open();
        using var other = scene.Open();
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
    public async Task A_killed_logger_does_not_block_the_task_or_readers(string suite)
    {
        var scene = await Scenes.GetAsync(suite);
        using var engine = scene.Open();
        engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} -- sh -c 'trap \"\" PIPE; echo ready; while [ ! -e /go ]; do echo more 2>/dev/null; sleep 0.1; done; exit 5' | Start-CtrTask -LogFormat Timestamped"
        );
        await Eventually.TrueAsync(() => engine.Require($"Get-CtrLog {Id}").Count > 2);
        using var other = scene.Open();
        var following = other.Start($"Get-CtrLog {Id} -Follow");
        await Eventually.TrueAsync(() => following.Output.Count > 2);
        Process.GetProcessById(Assert.Single(LoggersOf(Id))).Kill();
        await Task.Delay(300);
        Assert.NotEmpty(engine.Require($"Get-CtrLog {Id}"));
        engine.Require($"Invoke-CtrExec {Id} -- touch /go");
        Assert.Equal(5, engine.Require<CtrExit>($"Wait-CtrTask {Id} -Timeout 30").ExitCode);
        await Eventually.TrueAsync(() => following.IsCompleted);
        Assert.Empty(following.Wait().Errors);
        Assert.Equal("ready", engine.Require($"Get-CtrLog {Id}")[0].ToString());
        engine.Require($"Remove-CtrTask {Id}; Remove-CtrContainer {Id}");
        await Eventually.TrueAsync(() => LoggersOf(Id).Count == 0);
    }

    [Fact]
    public async Task A_stopped_logger_is_awaited_only_for_a_limited_time()
    {
        await StartAsync(
            "-- sh -c 'echo ready; while [ ! -e /go ]; do sleep 0.1; done; echo last'",
            startOptions: "-LogFormat Timestamped"
        );
        var logger = Assert.Single(LoggersOf(Id));
        await Shell.FreezeAsync(logger);
        try
        {
            var done = Engine.Invoke($"Invoke-CtrExec {Id} -- touch /go; $null = Wait-CtrTask {Id} -Timeout 20; Get-CtrLog {Id} -Follow");
            Assert.Equal(["ready"], Text(done.Output));
            Assert.NotEmpty(done.Warnings);
        }
        finally
        {
            await Shell.RunAsync("kill", "-CONT", $"{logger}");
        }

        Assert.Equal(["ready", "last"], Lines($"Get-CtrLog {Id}"));
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_terminal_has_an_input_too_and_its_output_is_complete(string suite)
    {
        var scene = await Scenes.GetAsync(suite);
        using var engine = scene.Open();
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
        await Eventually.TrueAsync(() => LoggersOf(Id).Count == 0);
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
        // The form is the one that other tools read.
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
                ("-LogFormat Timestamped -WithStdin", "LogFormatWithStdin"),
                ("-LogMaxSize 1MB -WithStdin", "LogFormatWithStdin"),
                ("-LogFormat Timestamped -NoLog", "ConflictingParameters"),
                ("-LogPath /tmp/x -NoLog", "ConflictingParameters"),
                ("-LogFormat Timestamped -LogPath /tmp/x", "ConflictingParameters"),
                ("-LogFormat Plain -LogMaxSize 1MB", "ConflictingParameters"),
                ("-LogMaxFiles 3", "ConflictingParameters"),
                ("-LogFormat Timestamped -LogMaxFiles 3", "ConflictingParameters"),
                ("-LogMaxSize 1KB", "InvalidLogSize"),
                ("-LogMaxSize -1", "InvalidLogSize"),
                ("-LogMaxSize 1MB -LogMaxFiles 0", "InvalidLogSize"),
            }
        )
        {
            AssertError(Engine.Invoke($"Start-CtrTask {Id} {options}").Error, error, "StartCtrTask", ErrorCategory.InvalidArgument);
            AssertError(Engine.Invoke($"Get-CtrTask {Id}").Error, "TaskNotFound", "GetCtrTask", ErrorCategory.ObjectNotFound);
            Assert.Empty(LogFolders(Id));
        }

        Engine.Require($"New-CtrTask {Id}");
        AssertError(
            Engine.Invoke($"Start-CtrTask {Id} -LogFormat Timestamped").Error,
            "TaskCreated",
            "StartCtrTask",
            ErrorCategory.ResourceBusy
        );
    }

    [Fact]
    public async Task A_module_without_the_logger_reports_it_and_starts_nothing()
    {
        var folder = Directory.CreateTempSubdirectory("containerd-bare-").FullName;
        await Shell.RunAsync("cp", "-r", Repository.Module, folder);
        foreach (var logger in Directory.GetFiles(folder, "containerd-logger*", SearchOption.AllDirectories))
            File.Delete(logger);
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -- true");
        var run = await HostProcess.RunAsync(
            $"Import-Module Containerd; $null = Connect-CtrSession '{Scene.Daemon.Address}' -Namespace {Scene.Namespace}; Start-CtrTask {Id} -LogFormat Timestamped -ErrorAction SilentlyContinue; Say Error $Error[0].FullyQualifiedErrorId",
            new Dictionary<string, string?> { ["CONTAINERD_MODULES"] = folder, ["PSModulePath"] = folder }
        );
        Assert.StartsWith("LoggerMissing,", run["Error"], StringComparison.Ordinal);
        AssertError(Engine.Invoke($"Get-CtrTask {Id}").Error, "TaskNotFound", "GetCtrTask", ErrorCategory.ObjectNotFound);
        Assert.Empty(LogFolders(Id).SelectMany(Directory.EnumerateFiles));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Attaching_to_it_fails_immediately_with_a_clear_error()
    {
        await StartAsync("-- sh -c 'echo ready; exec sleep 1000'", startOptions: "-LogFormat Timestamped");
        AssertError(
            Engine.Invoke($"Connect-CtrTask {Id} -Attach").Error,
            "OutputNotKept",
            "ConnectCtrTask",
            ErrorCategory.NotImplemented,
            Id
        );
        Engine.Require($"New-CtrContainer {Id}-b -Image {Busybox} -- sleep 1000");
        AssertError(
            Engine.Invoke($"Start-CtrTask {Id}-b -Attach -LogFormat Timestamped").Error,
            "OutputNotKept",
            "StartCtrTask",
            ErrorCategory.NotImplemented,
            $"{Id}-b"
        );
        AssertError(Engine.Invoke($"Get-CtrTask {Id}-b").Error, "TaskNotFound", "GetCtrTask", ErrorCategory.ObjectNotFound);
        await Eventually.TrueAsync(() => LoggersOf($"{Id}-b").Count == 0);
        Engine.Require($"New-CtrTask {Id}-b");
        AssertError(
            Engine.Invoke($"Start-CtrTask {Id}-b -Attach -LogFormat Timestamped").Error,
            "TaskCreated",
            "StartCtrTask",
            ErrorCategory.ResourceBusy
        );
    }

    [Fact]
    public async Task A_logger_that_cannot_start_is_an_error_and_leaves_nothing()
    {
        await using var own = await Scene.StartAsync("bookworm", "runc");
        using var engine = own.Open();
        engine.Require(
            $"New-CtrContainer web -Image {Busybox} -- echo x; Start-CtrTask web -LogFormat Timestamped | Wait-CtrTask | Remove-CtrTask"
        );
        var program = Directory.EnumerateFiles(Path.Combine(CtrDaemonFolderOf(own), "bin")).Single();
        // The file cannot be written while one runs: it takes its place.
        File.Delete(program);
        File.WriteAllText(program, "#!/bin/sh\nexit 1\n");
        File.SetUnixFileMode(program, OwnerOnly | UnixFileMode.UserExecute);
        AssertError(
            engine.Invoke("Start-CtrTask web -LogFormat Timestamped").Error,
            "LoggerFailed",
            "StartCtrTask",
            ErrorCategory.OperationStopped
        );
        AssertError(engine.Invoke("Get-CtrTask web").Error, "TaskNotFound", "GetCtrTask", ErrorCategory.ObjectNotFound);
        File.SetUnixFileMode(program, OwnerOnly);
        Assert.NotEmpty(engine.Invoke("Start-CtrTask web -LogFormat Timestamped").Errors);
        AssertError(engine.Invoke("Get-CtrTask web").Error, "TaskNotFound", "GetCtrTask", ErrorCategory.ObjectNotFound);
        Assert.Equal(["x"], Text(engine.Require("Get-CtrLog web")));
    }

    private static string CtrDaemonFolderOf(Scene scene) => Client.CtrDaemonFolder.DataRootFor(scene.Daemon.SocketPath)!;

    /// <summary>The ids of the loggers' processes of a container.</summary>
    private static List<int> LoggersOf(string id) =>
        [
            .. Process
                .GetProcesses()
                .Where(p =>
                    CommandLine(p.Id) is var line
                    && line.Contains("containerd-logger", StringComparison.Ordinal)
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
