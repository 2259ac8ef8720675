using System.Threading.Channels;

namespace Containerd.Client;

/// <summary>One subscriber's events, in the order in which they happened to each container. Disposing of it ends it.</summary>
public sealed class EventSubscription : IAsyncDisposable
{
    // Unbounded: a reader that is slow for a while must neither lose events nor hold up the others.
    private readonly Channel<CtrEvent> _events = Channel.CreateUnbounded<CtrEvent>(new() { SingleReader = true });
    private readonly EventStream _stream;

    internal EventSubscription(EventStream stream, EventFilter filter)
    {
        _stream = stream;
        Filter = filter;
    }

    /// <summary>The events as they come; ends when the subscription or its session does.</summary>
    public IAsyncEnumerable<CtrEvent> Events => _events.Reader.ReadAllAsync();

    internal EventFilter Filter { get; }

    /// <summary>Ends the subscription; with the last one of its kind the stream to the daemon ends too.</summary>
    /// <returns>A task that ends when no further event comes.</returns>
    public ValueTask DisposeAsync()
    {
        _stream.Leave(this);
        End();
        return ValueTask.CompletedTask;
    }

    internal void Deliver(CtrEvent happened) => _events.Writer.TryWrite(happened);

    internal void End() => _events.Writer.TryComplete();
}
