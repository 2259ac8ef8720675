using Containerd.Client.Records;
using Containerd.Client.Workloads.Events;
using Containerd.Client.Workloads.Stats;
using Containerd.Host.Errors;

namespace Containerd.Client;

/// <summary>
/// Events of a namespace (events.v1). All subscribers share one stream to the daemon. It is confirmed to be running before the first of
/// them gets its subscription, resumes after a restart of the daemon, and reports exits that were lost in between from the daemon's state.
/// </summary>
public sealed class EventService
{
    private readonly RecordScope _ns;
    private readonly OomReports _oom;
    private readonly object _gate = new();
    private readonly Dictionary<string, EventStream> _streams = new(StringComparer.Ordinal);

    internal EventService(RecordScope ns)
    {
        _ns = ns;
        _oom = new OomReports(ns);
        ns.State.EventStreams = () => OpenStreams;
    }

    /// <summary>The number of open streams to the daemon for this namespace.</summary>
    internal int OpenStreams
    {
        get
        {
            lock (_gate)
                return _streams.Values.Count(s => !s.IsEnded);
        }
    }

    /// <summary>Subscribes to events (Events.Subscribe). Events after this has returned are delivered.</summary>
    /// <param name="filter">The filter; null for all events.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The subscription, which must be disposed.</returns>
    /// <exception cref="CtrArgumentException">A raw filter that containerd cannot parse (InvalidFilter).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<EventSubscription> SubscribeAsync(EventFilter? filter = null, CancellationToken cancellationToken = default)
    {
        filter ??= new EventFilter();
        // containerd treats several filters as alternatives; a subscriber with a raw filter gets a separate stream.
        var key = string.Join('\n', filter.Raw ?? []);
        while (true)
        {
            EventStream? stream;
            lock (_gate)
            {
                if (_streams.Values.All(s => s.IsEnded))
                    _oom.Begin();
                if (!_streams.TryGetValue(key, out stream) || stream.IsEnded)
                    stream = _streams[key] = new EventStream(_ns, filter.Raw);
            }

            if (await stream.JoinAsync(filter, cancellationToken).ConfigureAwait(false) is { } subscription)
                return subscription;
        }
    }

    /// <summary>Publishes an event of the caller to the daemon's stream (Events.Publish).</summary>
    internal Task PublishAsync(string topic, Google.Protobuf.IMessage content, CancellationToken cancellationToken) =>
        EventPublisher.PublishAsync(_ns, topic, content, cancellationToken);
}
