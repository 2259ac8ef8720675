using System.Management.Automation;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Events;

/// <summary>
/// A subscription to a daemon that is stopped or killed reports that once, and once more when the daemon is available again.
/// </summary>
[Collection(Alone.Name)]
public sealed class InterruptedEventTests : IAsyncLifetime
{
    private PrivateDaemon _daemon = null!;

    public async ValueTask InitializeAsync() => _daemon = await PrivateDaemon.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await Shell.TryAsync("kill", "-CONT", $"{_daemon.Daemon.Pid}");
        await _daemon.DisposeAsync();
    }

    [Fact]
    public async Task A_stopped_and_a_killed_daemon_are_reported_once_each_and_so_is_their_return()
    {
        using var ears = Open();
        ears.Require(
            "Register-CtrEvent -SourceIdentifier queue -EventType SnapshotPrepare; $job = Register-CtrEvent -SourceIdentifier acts -EventType SnapshotPrepare -Action { }"
        );
        // What Get-EventSubscriber returns, and what Register-ObjectEvent does with it.
        var source = ears.Runspace.Events.GetEventSubscribers("queue").Single().SourceObject;
        ears.Runspace.SessionStateProxy.SetVariable("source", source);
        ears.Runspace.Events.SubscribeEvent(
            source,
            "ConnectionChanged",
            "changes",
            null,
            (ScriptBlock?)null,
            supportEvent: false,
            forwardEvent: false
        );
        Assert.Equal("Listening", ears.Require<string>("[string]$source.Connections.State"));
        using var watcher = Open();
        var watching = watcher.Start("Watch-CtrEvent -EventType SnapshotPrepare -MaxCount 2 -Verbose");
        await Eventually.TrueAsync(() => watching.Streams.Verbose.Count > 0);

        await Shell.FreezeAsync(_daemon.Daemon.Pid);
        await Eventually.TrueAsync(() => watching.Streams.Warning.Count == 1 && Changes(ears).Count == 1, TimeSpan.FromSeconds(30));
        Assert.StartsWith(
            $"The daemon at {_daemon.Address} has not answered since ",
            watching.Streams.Warning[0].Message,
            StringComparison.Ordinal
        );
        Assert.Equal("Waiting", ears.Require<string>("[string]$source.Connections.State"));
        await Shell.RunAsync("kill", "-CONT", $"{_daemon.Daemon.Pid}");
        await Eventually.TrueAsync(() => watching.Streams.Warning.Count == 2 && Changes(ears).Count == 2, TimeSpan.FromSeconds(30));
        Assert.StartsWith(
            $"The daemon at {_daemon.Address} answers again, and events arrive.",
            watching.Streams.Warning[1].Message,
            StringComparison.Ordinal
        );
        Assert.Equal("Listening", ears.Require<string>("[string]$source.Connections.State"));
        using var other = Open();
        other.Require("$null = New-CtrSnapshot one");
        await Eventually.TrueAsync(() => watching.Streams.Warning.Count == 2 && Queued(ears).Count == 1);

        await Shell.RunAsync("kill", "-KILL", $"{_daemon.Daemon.Pid}");
        await Eventually.TrueAsync(() => watching.Streams.Warning.Count == 4 && Changes(ears).Count == 4, TimeSpan.FromSeconds(60));
        Assert.StartsWith(
            $"The connection to the daemon at {_daemon.Address} was lost at ",
            watching.Streams.Warning[2].Message,
            StringComparison.Ordinal
        );
        other.Require("$null = New-CtrSnapshot two");
        // The second event fills the count: the events are those of before, and the warnings have not become any.
        Assert.Equal(["one", "two"], watching.Wait().Output.Select(o => ((CtrEvent)o.BaseObject).Name));
        Assert.Equal(4, watching.Streams.Warning.Count);
        Assert.Equal(
            [
                CtrEventConnectionState.Waiting,
                CtrEventConnectionState.Listening,
                CtrEventConnectionState.Waiting,
                CtrEventConnectionState.Listening,
            ],
            Changes(ears).Select(c => c.State)
        );
        await Eventually.TrueAsync(() => Queued(ears).Count == 2);

        // The job of an action shows the same as warnings.
        Assert.Equal(Changes(ears).Select(c => c.Message), ears.Require("$job.Warning").Select(w => w.ToString()));
        foreach (var engine in new[] { ears, watcher, other })
            engine.Require("Disconnect-CtrSession");
    }

    /// <summary>With this timeout the daemon is asked every second, and has two seconds to answer.</summary>
    private Engine Open()
    {
        var engine = new Engine();
        engine.Require($"$null = Connect-CtrSession '{_daemon.Address}' -Namespace {_daemon.Namespace} -OperationTimeout 2s");
        return engine;
    }

    private static List<CtrEventConnection> Changes(Engine engine) =>
        [.. Received(engine, "changes").Select(e => (CtrEventConnection)e.SourceEventArgs)];

    private static List<PSEventArgs> Queued(Engine engine) => Received(engine, "queue");

    private static List<PSEventArgs> Received(Engine engine, string source)
    {
        var events = engine.Runspace.Events.ReceivedEvents;
        lock (events.SyncRoot)
            return [.. events.Where(e => e.SourceIdentifier == source)];
    }
}
