using System.Threading.Channels;
using Containerd.Client.Workloads.Events;
using Containerd.Host.Errors;

namespace Containerd.Client;

/// <summary>One subscriber's events, in the order in which they happened to each container. Disposing of it ends it.</summary>
public sealed class EventSubscription : IAsyncDisposable
{
    // Unbounded: a reader that is slow for a while must neither lose events nor hold up the others.
    private readonly Channel<CtrEvent> _events = Channel.CreateUnbounded<CtrEvent>(new() { SingleReader = true });
    private readonly EventStream _stream;

    // Changes are rare. Who does not read them needs the latest ones at most.
    private readonly Channel<CtrEventConnection> _connections = Channel.CreateBounded<CtrEventConnection>(
        new BoundedChannelOptions(64) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest }
    );

    internal EventSubscription(EventStream stream, EventFilter filter)
    {
        _stream = stream;
        Filter = filter;
    }

    /// <summary>The events as they come; ends when the subscription or its session does.</summary>
    public IAsyncEnumerable<CtrEvent> Events => _events.Reader.ReadAllAsync().Guarded();

    /// <summary>
    /// The interruptions of the stream and their ends: the daemon is silent or gone, or it is back. Ends with the events.
    /// </summary>
    public IAsyncEnumerable<CtrEventConnection> ConnectionChanges => _connections.Reader.ReadAllAsync().Guarded();

    internal EventFilter Filter { get; }

    /// <summary>Ends the subscription; with the last one of its kind the stream to the daemon ends too.</summary>
    /// <returns>A task that ends when no further event comes.</returns>
    [AsyncMethodBuilder(typeof(GuardedValueTask))]
    public async ValueTask DisposeAsync()
    {
        await _stream.LeaveAsync(this).ConfigureAwait(false);
        End();
    }

    internal void Deliver(CtrEvent happened) => _events.Writer.TryWrite(happened);

    internal void Report(CtrEventConnection change) => _connections.Writer.TryWrite(change);

    /// <summary>Ends the events.</summary>
    /// <param name="error">What the reader gets after the last event; null for the end that was asked for.</param>
    internal void End(CtrException? error = null)
    {
        _events.Writer.TryComplete(error);
        _connections.Writer.TryComplete();
    }
}
