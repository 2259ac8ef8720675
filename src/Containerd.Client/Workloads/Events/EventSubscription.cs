using System.Threading.Channels;
using Containerd.Client.Workloads.Events;
using Containerd.Host.Errors;

namespace Containerd.Client;

/// <summary>The events of one subscriber, in order for each container. Disposing it ends it.</summary>
public sealed class EventSubscription : IAsyncDisposable
{
    // Unbounded: a temporarily slow reader must not lose events or delay the others.
    private readonly Channel<CtrEvent> _events = Channel.CreateUnbounded<CtrEvent>(new() { SingleReader = true });
    private readonly EventStream _stream;

    // Changes are rare. A subscriber that does not read them needs only the latest ones.
    private readonly Channel<CtrEventConnection> _connections = Channel.CreateBounded<CtrEventConnection>(
        new BoundedChannelOptions(64) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest }
    );

    internal EventSubscription(EventStream stream, EventFilter filter)
    {
        _stream = stream;
        Filter = filter;
    }

    /// <summary>The events; ends with the subscription or its session.</summary>
    public IAsyncEnumerable<CtrEvent> Events => _events.Reader.ReadAllAsync().Guarded();

    /// <summary>
    /// The interruptions of the stream and their ends: the daemon does not answer or is unavailable, or it answers again. Ends with the
    /// events.
    /// </summary>
    public IAsyncEnumerable<CtrEventConnection> ConnectionChanges => _connections.Reader.ReadAllAsync().Guarded();

    internal EventFilter Filter { get; }

    /// <summary>Ends the subscription; with the last one of its kind the stream to the daemon ends too.</summary>
    /// <returns>A task that completes when no more events arrive.</returns>
    [AsyncMethodBuilder(typeof(GuardedValueTask))]
    public async ValueTask DisposeAsync()
    {
        await _stream.LeaveAsync(this).ConfigureAwait(false);
        End();
    }

    internal void Deliver(CtrEvent happened) => _events.Writer.TryWrite(happened);

    internal void Report(CtrEventConnection change) => _connections.Writer.TryWrite(change);

    /// <summary>Ends the events.</summary>
    /// <param name="error">The error for the reader after the last event; null for a requested end.</param>
    internal void End(CtrException? error = null)
    {
        _events.Writer.TryComplete(error);
        _connections.Writer.TryComplete();
    }
}
