using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Containerd.Client.Records;
using Containerd.Client.Tests.Images;
using Containerd.Client.Tests.Rpc;
using Containerd.Host.Processes;
using Containerd.Testing;

namespace Containerd.Client.Tests.Readiness;

/// <summary>Waiting for a log line and for an open port, on real tasks.</summary>
public sealed class ReadinessTests(ImageFixture fixture) : IClassFixture<ImageFixture>
{
    private const string AwaitGo = "while [ ! -e /go ]; do sleep 0.05; done; ";
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);
    private static readonly CancellationToken None = TestContext.Current.CancellationToken;

    private readonly NamespaceClient _ns = fixture.Client.In(PrivateDaemon.Unique("ready"));

    [Theory]
    [InlineData(CtrLogFormat.Plain)]
    [InlineData(CtrLogFormat.Timestamped)]
    public async Task A_line_is_found_whether_it_was_written_before_the_call_or_comes_later(CtrLogFormat format)
    {
        await RunAsync("web", "echo starting; echo 'port 80 is open' >&2; " + AwaitGo + "echo late; sleep 1000", format: format);
        var line = await _ns.Readiness.WaitForLogLineAsync("web", new Regex("^port [0-9]+ is"), cancellationToken: None);
        Assert.Equal((1, CtrOutput.Stderr, "port 80 is open"), (line.Start, line.Source, line.Text));
        Assert.Equal(format == CtrLogFormat.Timestamped, line.Time is not null);
        var late = _ns.Readiness.WaitForLogLineAsync("web", "late", cancellationToken: None);
        Assert.False(late.IsCompleted);
        await GoAsync("web");
        Assert.Equal("late", (await late).Text);
    }

    [Fact]
    public async Task A_line_that_does_not_come_in_time_is_an_error_that_shows_the_last_one()
    {
        await RunAsync("web", "echo starting; sleep 1000");
        await _ns.Readiness.WaitForLogLineAsync("web", "starting", cancellationToken: None);
        var error = await Assert.ThrowsAsync<CtrTimeoutException>(() =>
            _ns.Readiness.WaitForLogLineAsync("web", "ready", new LogWaitOptions { Timeout = Short }, None)
        );
        Assert.Equal((ErrorIds.ReadinessTimedOut, "web"), (error.ErrorId, error.Subject));
        Assert.Equal(
            "The log of container 'web' had no line that contains 'ready' within 400ms; the last line was 'starting'.",
            error.Message
        );

        // The other stream's lines do not count.
        error = await Assert.ThrowsAsync<CtrTimeoutException>(() =>
            _ns.Readiness.WaitForLogLineAsync("web", "starting", new LogWaitOptions { Timeout = Short, Stream = CtrOutput.Stderr }, None)
        );
        Assert.DoesNotContain("last line", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_that_ends_without_the_line_ends_the_wait()
    {
        await RunAsync("web", AwaitGo + "echo 'no database'; exit 3");
        var wait = _ns.Readiness.WaitForLogLineAsync("web", "ready", new LogWaitOptions { Timeout = Timeout.InfiniteTimeSpan }, None);
        await GoAsync("web");
        var error = await Assert.ThrowsAsync<CtrProcessExitedException>(() => wait);
        Assert.Equal(ErrorIds.TaskExited, error.ErrorId);
        Assert.Equal(
            "The task of container 'web' exited with code 3 before its log had a line that contains 'ready'; the last line was 'no database'.",
            error.Message
        );
        Assert.Equal((3, "web"), (error.Exit!.ExitCode, error.Exit.ContainerId));
        Assert.True(error.Exit.Pid > 0 && error.Exit.ExitedAt is not null && error.Exit.Session is not null);
        // What it wrote is still found.
        Assert.Equal("no database", (await _ns.Readiness.WaitForLogLineAsync("web", "no data", cancellationToken: None)).Text);
    }

    [Theory]
    [InlineData(CtrLogFormat.Plain)]
    [InlineData(CtrLogFormat.Timestamped)]
    public async Task Lines_of_an_earlier_start_do_not_count(CtrLogFormat format)
    {
        await RunAsync("web", "if [ -e /again ]; then echo 'second start'; sleep 1000; fi; touch /again; echo ready", format: format);
        Assert.Equal(1, (await _ns.Readiness.WaitForLogLineAsync("web", "ready", cancellationToken: None)).Start);
        await _ns.Tasks.WaitAsync("web", cancellationToken: None);
        await _ns.Tasks.RemoveAsync("web", cancellationToken: None);
        await _ns.Tasks.StartAsync("web", new TaskStartOptions { LogFormat = format }, None);
        Assert.Equal(2, (await _ns.Readiness.WaitForLogLineAsync("web", "second", cancellationToken: None)).Start);
        var error = await Assert.ThrowsAsync<CtrTimeoutException>(() =>
            _ns.Readiness.WaitForLogLineAsync("web", "ready", new LogWaitOptions { Timeout = Short }, None)
        );
        Assert.Contains("the last line was 'second start'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CtrLogFormat.Plain)]
    [InlineData(CtrLogFormat.Timestamped)]
    public async Task From_now_on_only_later_lines_count(CtrLogFormat format)
    {
        await RunAsync("web", "i=0; while true; do i=$((i+1)); echo tick $i; sleep 0.02; done", format: format);
        await _ns.Readiness.WaitForLogLineAsync("web", "tick 10", cancellationToken: None);
        var first = await _ns.Readiness.WaitForLogLineAsync("web", "tick", cancellationToken: None);
        Assert.Equal("tick 1", first.Text);
        var next = await _ns.Readiness.WaitForLogLineAsync("web", "tick", new LogWaitOptions { FromNow = true }, None);
        Assert.True(int.Parse(next.Text["tick ".Length..], CultureInfo.InvariantCulture) > 10, next.Text);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("[::]")]
    public async Task A_port_is_open_when_a_process_listens_on_it_inside_the_container(string address)
    {
        await RunAsync("web", AwaitGo + $"exec httpd -f -p {address}:8080");
        var error = await Assert.ThrowsAsync<CtrTimeoutException>(() => _ns.Readiness.WaitForPortAsync("web", 8080, Short, None));
        Assert.Equal(ErrorIds.ReadinessTimedOut, error.ErrorId);
        Assert.Equal("No process in container 'web' listened on TCP port 8080 within 400ms.", error.Message);
        var wait = _ns.Readiness.WaitForPortAsync("web", 8080, Long, None);
        Assert.False(wait.IsCompleted);
        await GoAsync("web");
        await wait;
        await Assert.ThrowsAsync<CtrTimeoutException>(() => _ns.Readiness.WaitForPortAsync("web", 8081, Short, None));
    }

    [Fact]
    public async Task A_task_that_ends_without_opening_the_port_ends_the_wait()
    {
        await RunAsync("web", AwaitGo + "exit 7");
        var wait = _ns.Readiness.WaitForPortAsync("web", 8080, Timeout.InfiniteTimeSpan, None);
        await GoAsync("web");
        var error = await Assert.ThrowsAsync<CtrProcessExitedException>(() => wait);
        Assert.Equal(ErrorIds.TaskExited, error.ErrorId);
        const string Message = "The task of container 'web' exited with code 7 before a process in it listened on TCP port 8080.";
        Assert.Equal(Message, error.Message);
        Assert.Equal(7, error.Exit!.ExitCode);
        error = await Assert.ThrowsAsync<CtrProcessExitedException>(() => _ns.Readiness.WaitForPortAsync("web", 8080, Long, None));
        Assert.Equal(Message, error.Message);
        Assert.Equal(7, error.Exit!.ExitCode);
    }

    [Fact]
    public async Task In_the_network_of_the_host_only_a_process_of_the_container_counts()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var taken = ((IPEndPoint)listener.LocalEndpoint).Port;
        var own = TestRegistry.FreePort();
        await RunAsync("web", $"httpd -f -p 127.0.0.1:{own} & wait", hostNetwork: true);
        await _ns.Readiness.WaitForPortAsync("web", own, Long, None);
        await Assert.ThrowsAsync<CtrTimeoutException>(() => _ns.Readiness.WaitForPortAsync("web", taken, Short, None));
    }

    [Fact]
    public async Task A_task_that_is_removed_while_it_is_awaited_is_an_error_with_its_exit()
    {
        await RunAsync("web", "sleep 1000");
        await HealthAsync("web", "starting");
        var waits = Waits(_ns, "web").Select(wait => wait()).ToList();
        await Task.Delay(Short, None);
        await _ns.Containers.RemoveAsync("web", force: true, None);
        foreach (var wait in waits)
        {
            var error = await Assert.ThrowsAsync<CtrProcessExitedException>(() => wait);
            Assert.Equal((ErrorIds.TaskExited, "web", 137), (error.ErrorId, error.Exit!.ContainerId, error.Exit.ExitCode));
        }
    }

    [Theory]
    [InlineData(CtrLogFormat.Plain)]
    [InlineData(CtrLogFormat.Timestamped)]
    public async Task A_container_that_is_started_again_at_once_is_another_task(CtrLogFormat format)
    {
        await RunAsync("web", AwaitGo + "rm /go; echo started; exit 5", format: format);
        var waits = Waits(_ns, "web").Take(2).Select(wait => wait()).ToList();
        await Task.Delay(Short, None);
        await GoAsync("web");
        await _ns.Tasks.WaitAsync("web", cancellationToken: None);
        await _ns.Tasks.StartAsync("web", new TaskStartOptions { LogFormat = format }, None);
        foreach (var wait in waits)
        {
            var error = await Assert.ThrowsAsync<CtrProcessExitedException>(() => wait);
            Assert.Equal((ErrorIds.TaskExited, 5), (error.ErrorId, error.Exit!.ExitCode));
        }

        Assert.Equal(CtrStatus.Running, (await _ns.Tasks.GetAsync("web", None)).Status);
    }

    [Fact]
    public async Task A_container_is_healthy_once_its_check_has_succeeded_even_after_it_was_unhealthy()
    {
        await RunAsync("web", "sleep 1000");
        await HealthAsync("web", "starting");
        var wait = _ns.Readiness.WaitForHealthyAsync("web", Long, None);
        await HealthAsync("web", "unhealthy", 3);
        await Task.Delay(Short, None);
        Assert.False(wait.IsCompleted);
        await HealthAsync("web", "healthy");
        await wait;
        await _ns.Readiness.WaitForHealthyAsync("web", Short, None);
    }

    [Theory]
    [InlineData(null, 0, "no program has checked its health since its start")]
    [InlineData("starting", 0, "its status is still 'starting', so perhaps no program checks its health")]
    [InlineData("unhealthy", 1, "its status is 'unhealthy', after 1 failed check")]
    [InlineData("unhealthy", 4, "its status is 'unhealthy', after 4 failed checks")]
    [InlineData("sleepy", 0, "its status is 'unknown'")]
    public async Task A_container_that_is_not_healthy_in_time_is_an_error_with_the_last_status(string? status, int failed, string expected)
    {
        await RunAsync("web", "sleep 1000");
        await CheckAsync("web", """{"Test":["CMD-SHELL","true"],"Interval":1000000000}""");
        if (status is not null)
            await HealthAsync("web", status, failed);
        var error = await Assert.ThrowsAsync<CtrTimeoutException>(() => _ns.Readiness.WaitForHealthyAsync("web", Short, None));
        Assert.Equal((ErrorIds.ReadinessTimedOut, "web"), (error.ErrorId, error.Subject));
        Assert.Equal($"Container 'web' was not healthy within 400ms; {expected}.", error.Message);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("""{"Test":["NONE"]}""")]
    public async Task A_container_without_a_health_check_is_an_error_at_once(string? check)
    {
        await RunAsync("web", "sleep 1000");
        if (check is not null)
            await CheckAsync("web", check);
        var error = await Assert.ThrowsAsync<CtrNotFoundException>(() => _ns.Readiness.WaitForHealthyAsync("web", Long, None));
        Assert.Equal((ErrorIds.HealthNotConfigured, "web"), (error.ErrorId, error.Subject));
        Assert.NotNull(error.Remedy);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"Test":[]}""")]
    [InlineData("no json")]
    public async Task A_health_check_that_cannot_be_read_is_one(string check)
    {
        await RunAsync("web", "sleep 1000");
        await CheckAsync("web", check);
        await Assert.ThrowsAsync<CtrTimeoutException>(() => _ns.Readiness.WaitForHealthyAsync("web", Short, None));
    }

    [Fact]
    public async Task The_health_of_an_earlier_task_or_of_one_that_has_exited_does_not_count()
    {
        await RunAsync("web", AwaitGo + "rm /go; exit 3");
        await HealthAsync("web", "healthy");
        await _ns.Readiness.WaitForHealthyAsync("web", Long, None);
        await GoAsync("web");
        await _ns.Tasks.WaitAsync("web", cancellationToken: None);
        var error = await Assert.ThrowsAsync<CtrProcessExitedException>(() => _ns.Readiness.WaitForHealthyAsync("web", Long, None));
        Assert.Equal("The task of container 'web' exited with code 3 before it was healthy.", error.Message);
        Assert.Equal((ErrorIds.TaskExited, 3), (error.ErrorId, error.Exit!.ExitCode));

        // The next task has not been checked.
        await _ns.Tasks.StartAsync("web", new TaskStartOptions(), None);
        Assert.Equal(CtrHealthStatus.Starting, (await _ns.Containers.GetAsync("web", None)).Health!.Status);
        var late = await Assert.ThrowsAsync<CtrTimeoutException>(() => _ns.Readiness.WaitForHealthyAsync("web", Short, None));
        Assert.Contains("no program has checked", late.Message, StringComparison.Ordinal);
        await HealthAsync("web", "healthy");
        await _ns.Readiness.WaitForHealthyAsync("web", Long, None);
        await GoAsync("web");
        await _ns.Tasks.WaitAsync("web", cancellationToken: None);
        await _ns.Tasks.RemoveAsync("web", cancellationToken: None);

        // A client that knows nothing of it starts it again.
        await HealthAsync("web", "healthy");
        string[] ctr = ["--address", fixture.Daemon.SocketPath, "--namespace", _ns.Namespace, "tasks", "start", "-d", "--null-io", "web"];
        await Shell.RunAsync(fixture.Ctr, ctr);
        late = await Assert.ThrowsAsync<CtrTimeoutException>(() => _ns.Readiness.WaitForHealthyAsync("web", Short, None));
        Assert.Contains("no program has checked", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_conditions_have_to_be_fulfilled_within_one_time()
    {
        await RunAsync("web", AwaitGo + "echo ready; httpd -f -p 127.0.0.1:8080 & httpd -f -p 127.0.0.1:8081");
        await HealthAsync("web", "unhealthy", 2);
        var options = new ReadinessOptions
        {
            Healthy = true,
            LogPattern = new Regex("^ready$"),
            Ports = [8080, 8081, 8080],
            Timeout = Short,
        };
        var clock = Stopwatch.StartNew();
        var error = await Assert.ThrowsAsync<CtrTimeoutException>(() => _ns.Readiness.WaitAsync("web", options, None));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.3, 5);
        Assert.Equal((ErrorIds.ReadinessTimedOut, "web"), (error.ErrorId, error.Subject));
        string[] parts = ["was not healthy", "matches '^ready$'", "port 8080 within", "port 8081 within"];
        Assert.All(parts, part => Assert.Equal(2, error.Message.Split(part).Length));

        var wait = _ns.Readiness.WaitAsync("web", options with { Timeout = Long }, None);
        await GoAsync("web");
        await _ns.Readiness.WaitForPortAsync("web", 8081, Long, None);
        Assert.False(wait.IsCompleted);
        error = await Assert.ThrowsAsync<CtrTimeoutException>(() => _ns.Readiness.WaitAsync("web", options, None));
        Assert.Equal("Container 'web' was not healthy within 400ms; its status is 'unhealthy', after 2 failed checks.", error.Message);
        await HealthAsync("web", "healthy");
        Assert.Equal(("web", CtrStatus.Running), await wait is var task ? (task.ContainerId, task.Status) : default);
        Assert.Equal("web", (await _ns.Readiness.WaitAsync("web", new ReadinessOptions(), None)).ContainerId);
    }

    [Fact]
    public async Task The_first_condition_that_cannot_be_fulfilled_ends_the_others()
    {
        await RunAsync("web", AwaitGo + "echo ready; exit 4");
        var options = new ReadinessOptions
        {
            LogPattern = new Regex("ready"),
            Ports = [8080],
            Timeout = Timeout.InfiniteTimeSpan,
        };
        var wait = _ns.Readiness.WaitAsync("web", options, None);
        var missing = await Assert.ThrowsAsync<CtrNotFoundException>(() =>
            _ns.Readiness.WaitAsync("web", options with { Healthy = true }, None)
        );
        Assert.Equal(ErrorIds.HealthNotConfigured, missing.ErrorId);
        await GoAsync("web");
        var error = await Assert.ThrowsAsync<CtrProcessExitedException>(() => wait);
        Assert.Equal((ErrorIds.TaskExited, 4), (error.ErrorId, error.Exit!.ExitCode));
        Assert.Contains("TCP port 8080", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<CtrArgumentException>(() => _ns.Readiness.WaitAsync("web", options with { Ports = [80, 0] }, None));
    }

    [Fact]
    public async Task A_pattern_that_takes_too_long_is_an_error()
    {
        await RunAsync("web", $"echo {new string('a', 60)}b; sleep 1000");
        var slow = new Regex("^(a+)+$", RegexOptions.None, TimeSpan.FromMilliseconds(100));
        var error = await Assert.ThrowsAsync<CtrArgumentException>(() =>
            _ns.Readiness.WaitForLogLineAsync("web", slow, cancellationToken: None)
        );
        Assert.Equal((ErrorIds.InvalidPattern, "^(a+)+$"), (error.ErrorId, error.Subject));
    }

    [Fact]
    public async Task What_cannot_become_ready_is_an_error_at_once()
    {
        foreach (var wait in Waits(_ns, "none"))
            Assert.Equal(ErrorIds.ContainerNotFound, (await Assert.ThrowsAsync<CtrNotFoundException>(wait)).ErrorId);
        await RunAsync("web", "sleep 1000", log: false);
        Assert.Equal(ErrorIds.LogNotFound, (await Assert.ThrowsAsync<CtrNotFoundException>(Waits(_ns, "web")[0])).ErrorId);
        await _ns.Tasks.RemoveAsync("web", force: true, None);
        foreach (var wait in Waits(_ns, "web"))
            Assert.Equal(ErrorIds.TaskNotFound, (await Assert.ThrowsAsync<CtrNotFoundException>(wait)).ErrorId);
        foreach (var port in new[] { 0, -1, 65536 })
        {
            var error = await Assert.ThrowsAsync<CtrArgumentException>(() => _ns.Readiness.WaitForPortAsync("web", port, Long, None));
            Assert.Equal(ErrorIds.InvalidPort, error.ErrorId);
        }

        using var elsewhere = ContainerdClient.Over(new FakeCalls());
        foreach (var wait in Waits(elsewhere.In("test"), "web").Take(2))
            Assert.Equal(ErrorIds.DaemonNotLocal, (await Assert.ThrowsAsync<CtrNotSupportedException>(wait)).ErrorId);
    }

    [Fact]
    public async Task A_wait_that_its_caller_cancels_is_cancelled()
    {
        await RunAsync("web", "sleep 1000");
        await HealthAsync("web", "starting");
        using var cancel = new CancellationTokenSource();
        Task[] waits =
        [
            _ns.Readiness.WaitForLogLineAsync("web", "ready", cancellationToken: cancel.Token),
            _ns.Readiness.WaitForPortAsync("web", 80, Long, cancel.Token),
            _ns.Readiness.WaitForHealthyAsync("web", Long, cancel.Token),
            _ns.Readiness.WaitAsync("web", new ReadinessOptions { Healthy = true, Ports = [80] }, cancel.Token),
        ];
        await cancel.CancelAsync();
        foreach (var wait in waits)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
    }

    [Fact]
    public void The_kernels_table_is_read_by_port_and_state()
    {
        string[] table =
        [
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
            "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100 0 0 10 0",
            "   1: 0100007F:1F90 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0000000000000000 20 4 30 10 -1",
            "   2: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1",
            "   3: cut",
        ];
        Assert.Equal([4711], ListeningSockets.Find(table, 8080));
        Assert.Equal([4713], ListeningSockets.Find(table, 80));
        Assert.Empty(ListeningSockets.Find(table, 1));
    }

    private static Func<Task>[] Waits(NamespaceClient ns, string id) =>
        [
            () => ns.Readiness.WaitForLogLineAsync(id, "ready", cancellationToken: None),
            () => ns.Readiness.WaitForPortAsync(id, 80, Long, None),
            () => ns.Readiness.WaitForHealthyAsync(id, Long, None),
        ];

    /// <summary>Records the health as nerdctl does.</summary>
    private Task<CtrContainer> HealthAsync(string id, string status, int failed = 0) =>
        _ns.Scope.ContainerRecords.PutLabelAsync(
            id,
            HealthLabel.Name,
            $$"""{"Status":"{{status}}","FailingStreak":{{failed}},"InStartPeriod":false}""",
            None
        );

    private Task<CtrContainer> CheckAsync(string id, string check) =>
        _ns.Scope.ContainerRecords.PutLabelAsync(id, "nerdctl/healthcheck", check, None);

    private async Task RunAsync(
        string id,
        string script,
        CtrLogFormat format = CtrLogFormat.Plain,
        bool hostNetwork = false,
        bool log = true
    )
    {
        await _ns.Images.ImportAsync(await TestImages.BusyboxTarAsync(), new ImageImportOptions(), cancellationToken: None);
        var options = new SpecOptions { Command = ["sh", "-c", script], HostNetwork = hostNetwork };
        await _ns.Containers.CreateAsync(
            new ContainerCreateOptions
            {
                Id = id,
                Image = TestImages.Busybox,
                Options = options,
            },
            None
        );
        await _ns.Tasks.StartAsync(id, new TaskStartOptions { LogFormat = format, NoLog = !log }, None);
    }

    private async Task GoAsync(string id) =>
        await _ns.Execs.RunAsync(
            id,
            new ExecStartOptions { Options = new ExecOptions { Command = ["touch", "/go"] } },
            new Containerd.Host.ProcessIo(),
            None
        );
}
