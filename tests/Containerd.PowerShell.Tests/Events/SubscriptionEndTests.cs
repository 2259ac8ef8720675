using System.Net.Sockets;
using System.Text.RegularExpressions;
using Containerd.Client.Wire.Events;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Events;

/// <summary>
/// The end of a subscription in the daemon, which reports on its debugging socket how many calls of Events.Subscribe it serves.
/// </summary>
public sealed partial class SubscriptionEndTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-debug-").FullName;
    private readonly List<PrivateDaemon> _daemons = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var daemon in _daemons)
            await daemon.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task The_end_of_a_subscription_ends_its_stream_in_the_daemon(string suite)
    {
        var daemon = await StartAsync(suite);
        using (var engine = Open(daemon))
        {
            Assert.Equal(0, await StreamsAsync());

            // Several share one stream; the last one ends it.
            engine.Require("Register-CtrEvent -SourceIdentifier a; Register-CtrEvent web -EventType Exit -SourceIdentifier b");
            Assert.Equal(1, await StreamsAsync());
            engine.Runspace.Events.UnsubscribeEvent(engine.Runspace.Events.GetEventSubscribers("a").Single());
            Assert.Equal(1, await StreamsAsync());
            engine.Runspace.Events.UnsubscribeEvent(engine.Runspace.Events.GetEventSubscribers("b").Single());
            await EndsAsync();

            engine.Require("Register-CtrEvent -SourceIdentifier once -EventType ImageUpdate -MaxTriggerCount 1 -Action { }");
            Assert.Equal(1, await StreamsAsync());
            await PublishAsync(daemon, 1, "/images/update", new ImageUpdate { Name = "x" });
            await EndsAsync();
            Assert.Empty(engine.Runspace.Events.GetEventSubscribers("once"));

            engine.Require("Register-CtrEvent -SourceIdentifier module");
            Assert.Equal(1, await StreamsAsync());
            engine.Require("Remove-Module Containerd");
            await EndsAsync();
            Assert.Empty(engine.Runspace.Events.Subscribers);
            engine.Require("Import-Module Containerd");

            engine.Require("Register-CtrEvent -SourceIdentifier session -Action { }");
            Assert.Equal(1, await StreamsAsync());
            engine.Require("Disconnect-CtrSession");
            await EndsAsync();
            Assert.Empty(engine.Runspace.Events.Subscribers);
        }

        // The end of a runspace; and a PowerShell that is killed.
        var other = Open(daemon);
        other.Require("Register-CtrEvent -SourceIdentifier runspace");
        Assert.Equal(1, await StreamsAsync());
        other.Dispose();
        await EndsAsync();
        var run = await HostProcess.RunAsync(
            $"Import-Module Containerd; $null = Connect-CtrSession '{daemon.Address}'; Register-CtrEvent -SourceIdentifier killed; [System.Diagnostics.Process]::GetCurrentProcess().Kill()"
        );
        Assert.Equal(137, run.Code);
        await EndsAsync();

        // Watching ends with its count, its time and Ctrl+C.
        using var watcher = Open(daemon);
        Assert.Empty(watcher.Require("Watch-CtrEvent -Timeout 300ms"));
        await EndsAsync();
        var watching = watcher.Start("Watch-CtrEvent -EventType ImageUpdate -MaxCount 1 -Timeout 30 -Verbose");
        await Eventually.TrueAsync(() => watching.Streams.Verbose.Count > 0);
        Assert.Equal(1, await StreamsAsync());
        await PublishAsync(daemon, 1, "/images/update", new ImageUpdate { Name = "x" });
        Assert.Single(watching.Wait().Output);
        await EndsAsync();
        watching = watcher.Start("Watch-CtrEvent -Verbose");
        await Eventually.TrueAsync(() => watching.Streams.Verbose.Count > 0);
        await watching.StopAsync();
        await EndsAsync();
    }

    [Fact]
    public async Task Pending_events_of_an_action_run_before_its_session_is_closed()
    {
        var daemon = await StartAsync("bookworm");
        using var engine = Open(daemon);
        engine.Require("$global:seen = 0; Register-CtrEvent -SourceIdentifier all -EventType ExecStarted -Action { $global:seen++ }");
        var session = engine.Require<CtrSession>("(Get-CtrVersion).Session");
        await PublishAsync(daemon, 200, "/tasks/exec-started", new TaskExecStarted { ContainerId = "c", ExecId = "e" });
        await Eventually.TrueAsync(() => engine.Require<int>("$global:seen") > 0);
        engine.Require("Disconnect-CtrSession");
        // The same source identifier is free again, and nothing of the old subscription comes into the queue.
        var seen = engine.Require<int>("$global:seen");
        Assert.InRange(seen, 1, 200);
        await Task.Delay(300);
        Assert.Equal(seen, engine.Require<int>("$global:seen"));
        Assert.InRange(engine.Runspace.Events.ReceivedEvents.Count, 0, 1);
        engine.Require(
            $"Connect-CtrSession '{daemon.Address}' -Namespace {daemon.Namespace}; Register-CtrEvent -SourceIdentifier all -EventType ExecStarted -Action {{ $global:seen++ }}"
        );
        Assert.NotNull(session);
    }

    private static Engine Open(PrivateDaemon daemon)
    {
        var engine = new Engine();
        engine.Require($"Connect-CtrSession '{daemon.Address}' -Namespace {daemon.Namespace} -Name {PrivateDaemon.Unique("ends")}");
        return engine;
    }

    private static async Task PublishAsync(PrivateDaemon daemon, int count, string topic, Google.Protobuf.IMessage content)
    {
        using var client = await Containerd.Client.ContainerdClient.ConnectAsync(
            new Containerd.Client.ConnectOptions { Address = daemon.Address, Namespace = daemon.Namespace }
        );
        for (var i = 0; i < count; i++)
            await client.In().Events.PublishAsync(topic, content, default);
    }

    private async Task<PrivateDaemon> StartAsync(string suite)
    {
        var config = Path.Combine(_folder, "debug.toml");
        await File.WriteAllTextAsync(config, $"version = 2\n[debug]\naddress = \"{_folder}/debug.sock\"\n");
        var daemon = await PrivateDaemon.StartAsync(suite, adjust: options => options.ConfigPath = config);
        _daemons.Add(daemon);
        return daemon;
    }

    private async Task EndsAsync()
    {
        var giveUp = DateTime.UtcNow.AddSeconds(20);
        int streams;
        while ((streams = await StreamsAsync()) > 0)
        {
            if (DateTime.UtcNow > giveUp)
                throw new TimeoutException($"The daemon still serves {streams} streams of events.");
            await Task.Delay(50);
        }
    }

    /// <summary>The calls of Events.Subscribe that the daemon serves: each stands in a stack of its own.</summary>
    private async Task<int> StreamsAsync()
    {
        using var http = new HttpClient(
            new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancellationToken) =>
                {
                    var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(_folder, "debug.sock")), cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            }
        );
        return Subscribe().Count(await http.GetStringAsync(new Uri("http://debug/debug/pprof/goroutine?debug=2")));
    }

    [GeneratedRegex(@"services/events\.\(\*service\)\.Subscribe\(")]
    private static partial Regex Subscribe();
}
