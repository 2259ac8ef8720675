using System.Globalization;
using System.Threading.Channels;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Grpc.Core;
using WireEventService = Containerd.Client.Wire.EventService;
using WireTypes = Containerd.Client.Wire.Types;

namespace Containerd.Client.Workloads.Events;

/// <summary>
/// A confirmed call of Events.Subscribe. containerd does not report the start of a subscription, and loses events that are published before
/// it: so our own events are published until one arrives.
/// </summary>
internal sealed class EventCall : IDisposable
{
    private const string OwnTopics = "/containerd-powershell/";

    private readonly RecordScope _ns;
    private readonly string _topic = $"{OwnTopics}{Guid.NewGuid():N}";
    private readonly AsyncServerStreamingCall<WireTypes.Envelope> _call;
    private readonly TaskCompletionSource<DateTime?> _live = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Read continuously, independently of the delivery: the daemon keeps a queue for each subscriber.
    private readonly Channel<WireTypes.Envelope> _events = Channel.CreateUnbounded<WireTypes.Envelope>();
    private int _marks;

    private EventCall(RecordScope ns, IReadOnlyList<string>? filters, CancellationToken cancellationToken)
    {
        _ns = ns;
        var request = new WireEventService.SubscribeRequest();
        foreach (var filter in filters ?? [""])
            request.Filters.Add($"namespace==\"{ns.Namespace}\"{(filter.Length > 0 ? "," + filter : "")}");
        if (filters is not null)
            request.Filters.Add($"topic~=|^{_topic}|");
        _call = new WireEventService.Events.EventsClient(ns.Calls()).Subscribe(request, cancellationToken: cancellationToken);
        Reading = Task.Run(() => ReadAsync(cancellationToken), CancellationToken.None);
    }

    /// <summary>The events in order, and the marks.</summary>
    internal ChannelReader<WireTypes.Envelope> Events => _events.Reader;

    /// <summary>A time at which the stream was running, by the daemon's clock.</summary>
    internal DateTime? LiveAt { get; private set; }

    /// <summary>Completes with the error that ends the stream.</summary>
    internal Task Reading { get; }

    /// <summary>Subscribes, and returns when the stream is confirmed to be running.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="filters">Filters in containerd's filter syntax, one of which must match; null for all events.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. Cancellation ends the stream.</param>
    internal static async Task<EventCall> OpenAsync(RecordScope ns, IReadOnlyList<string>? filters, CancellationToken cancellationToken)
    {
        var call = new EventCall(ns, filters, cancellationToken);
        try
        {
            while (!call._live.Task.IsCompleted)
            {
                if (call.Reading.IsCompleted)
                    await call.Reading.ConfigureAwait(false);
                await call.PublishAsync(call._topic, cancellationToken).ConfigureAwait(false);
                await Task.WhenAny(call._live.Task, call.Reading, Task.Delay(20, cancellationToken)).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
            }

            call.LiveAt = await call._live.Task.ConfigureAwait(false);
            return call;
        }
        catch
        {
            call.Dispose();
            throw;
        }
    }

    /// <summary>Publishes a mark after everything that has been published so far.</summary>
    /// <returns>The topic of the mark.</returns>
    internal async Task<string> MarkAsync(CancellationToken cancellationToken)
    {
        var mark = $"{_topic}/{(++_marks).ToString(CultureInfo.InvariantCulture)}";
        await PublishAsync(mark, cancellationToken).ConfigureAwait(false);
        return mark;
    }

    public void Dispose()
    {
        _call.Dispose();
        // Not observed if no caller waits any more.
        _ = Reading.ContinueWith(static t => t.Exception, TaskScheduler.Default);
    }

    private Task PublishAsync(string topic, CancellationToken cancellationToken) =>
        EventPublisher.PublishAsync(_ns, topic, new Wire.Events.NamespaceUpdate { Name = _ns.Namespace }, cancellationToken);

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await _call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false))
            {
                var envelope = _call.ResponseStream.Current;
                if (envelope.Topic == _topic)
                    _live.TrySetResult(envelope.Timestamp.Local());
                else if (
                    !envelope.Topic.StartsWith(OwnTopics, StringComparison.Ordinal)
                    || envelope.Topic.StartsWith(_topic, StringComparison.Ordinal)
                )
                    await _events.Writer.WriteAsync(envelope, cancellationToken).ConfigureAwait(false);
            }

            // The daemon ended the stream normally: it is about to stop.
            throw new RpcException(new Status(StatusCode.Unavailable, "The stream of events ended."));
        }
        finally
        {
            _events.Writer.Complete();
        }
    }
}
