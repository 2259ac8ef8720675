using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
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
        var error = await Assert.ThrowsAsync<CtrConflictException>(() => wait);
        Assert.Equal(ErrorIds.TaskEndedBeforeReady, error.ErrorId);
        Assert.Equal(
            "The task of container 'web' exited with code 3 before its log had a line that contains 'ready'; the last line was 'no database'.",
            error.Message
        );
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
        var error = await Assert.ThrowsAsync<CtrConflictException>(() => wait);
        Assert.Equal(ErrorIds.TaskEndedBeforeReady, error.ErrorId);
        const string Message = "The task of container 'web' exited with code 7 before a process in it listened on TCP port 8080.";
        Assert.Equal(Message, error.Message);
        error = await Assert.ThrowsAsync<CtrConflictException>(() => _ns.Readiness.WaitForPortAsync("web", 8080, Long, None));
        Assert.Equal(Message, error.Message);
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
        foreach (var wait in Waits(elsewhere.In("test"), "web"))
            Assert.Equal(ErrorIds.DaemonNotLocal, (await Assert.ThrowsAsync<CtrNotSupportedException>(wait)).ErrorId);
    }

    [Fact]
    public async Task A_wait_that_its_caller_cancels_is_cancelled()
    {
        await RunAsync("web", "sleep 1000");
        using var cancel = new CancellationTokenSource();
        Task[] waits =
        [
            _ns.Readiness.WaitForLogLineAsync("web", "ready", cancellationToken: cancel.Token),
            _ns.Readiness.WaitForPortAsync("web", 80, Long, cancel.Token),
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
        ];

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
