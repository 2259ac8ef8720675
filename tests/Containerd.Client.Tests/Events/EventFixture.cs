using System.Diagnostics;
using Containerd.Testing;
using Google.Protobuf;

namespace Containerd.Client.Tests.Events;

/// <summary>A daemon for one test, with the test image, a namespace and a subscription to all its events.</summary>
internal sealed class EventFixture : IAsyncDisposable
{
    private readonly PrivateDaemon _daemon;
    private readonly ContainerdClient _client;

    private EventFixture(PrivateDaemon daemon, ContainerdClient client)
    {
        _daemon = daemon;
        _client = client;
        Namespace = client.In(daemon.Namespace);
    }

    internal NamespaceClient Namespace { get; }

    internal string SocketPath => _daemon.SocketPath;

    /// <summary>The process id of the daemon.</summary>
    internal int Pid => _client.LocalDaemon!.Pid;

    internal static async Task<EventFixture> StartAsync(string suite = "bookworm", Action<CtrDaemonOptions>? adjust = null)
    {
        var daemon = await PrivateDaemon.StartAsync(suite, adjust: adjust);
        var fixture = new EventFixture(daemon, await ContainerdClient.ConnectAsync(new ConnectOptions { Address = daemon.Address }));
        await fixture.Namespace.Images.ImportAsync(await TestImages.BusyboxTarAsync(), new ImageImportOptions());
        return fixture;
    }

    /// <summary>Ends the session, as Disconnect-CtrSession does.</summary>
    internal void Close() => _client.Dispose();

    internal Task CreateAsync(string id, params string[] command) => CreateAsync(id, null, command);

    internal async Task<CtrTask> RunAsync(string id, IReadOnlyDictionary<string, string>? labels, params string[] command)
    {
        await CreateAsync(id, labels, command);
        return await Namespace.Tasks.StartAsync(id, new TaskStartOptions());
    }

    private async Task CreateAsync(string id, IReadOnlyDictionary<string, string>? labels, string[] command) =>
        await Namespace.Containers.CreateAsync(
            new ContainerCreateOptions
            {
                Id = id,
                Image = TestImages.Busybox,
                Labels = labels ?? new Dictionary<string, string>(),
                Options = new SpecOptions { Command = command },
            }
        );

    /// <summary>Kills the shim of a container.</summary>
    internal Task KillShimAsync(string id) => Shim.KillAsync(Namespace.Namespace, id);

    /// <summary>Runs containerd's own client.</summary>
    internal Task<string> CtrAsync(params string[] arguments) => _daemon.CtrAsync(arguments);

    internal Task PublishAsync(string topic, IMessage content) => Namespace.Events.PublishAsync(topic, content, default);

    /// <summary>Kills the daemon, runs an action while it is unavailable, and waits until its supervisor has restarted it.</summary>
    internal async Task WhileAwayAsync(Action work)
    {
        var daemon = Process.GetProcessById(_client.LocalDaemon!.Pid);
        daemon.Kill();
        await daemon.WaitForExitAsync();
        work();
        await _client.Connection.AwaitReturnAsync(TimeSpan.FromSeconds(30), default);
    }

    /// <summary>Waits until the supervisor of a killed daemon has restarted it.</summary>
    internal Task ReturnAsync() => _client.Connection.AwaitReturnAsync(TimeSpan.FromSeconds(30), default);

    /// <summary>The next events, in that number; fails if they do not arrive in time.</summary>
    internal static async Task<List<CtrEvent>> TakeAsync(EventSubscription subscription, int count, int seconds = 20)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        var taken = new List<CtrEvent>();
        try
        {
            await foreach (var happened in subscription.Events.WithCancellation(deadline.Token))
            {
                taken.Add(happened);
                if (taken.Count == count)
                    break;
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"{count} events were expected within {seconds} s, and {taken.Count} came: {string.Join(", ", taken)}");
        }

        return taken;
    }

    /// <summary>All events that come within a time.</summary>
    internal static async Task<List<CtrEvent>> CollectAsync(EventSubscription subscription, TimeSpan time)
    {
        using var deadline = new CancellationTokenSource(time);
        var taken = new List<CtrEvent>();
        try
        {
            await foreach (var happened in subscription.Events.WithCancellation(deadline.Token))
                taken.Add(happened);
        }
        catch (OperationCanceledException) { }

        return taken;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _daemon.DisposeAsync();
    }
}
