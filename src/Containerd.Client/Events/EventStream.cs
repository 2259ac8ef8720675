using System.Collections.Concurrent;
using System.Threading.Channels;
using Grpc.Core;
using WireEventService = Containerd.Client.Wire.EventService;
using WireTypes = Containerd.Client.Wire.Types;

namespace Containerd.Client;

/// <summary>
/// One stream of events, shared by its subscribers. containerd says nothing when a subscription has started, and loses what is published before: so
/// sentinels of our own are published until one comes back, then the state is read, then events are delivered; the same after each reconnect.
/// </summary>
internal sealed class EventStream : IDisposable
{
    private const string SentinelTopics = "/containerd-powershell/";

    /// <summary>A shim tries for a while to hand over the exit of a process that ended while the daemon was away.</summary>
    private static readonly TimeSpan LateExitPatience = TimeSpan.FromSeconds(4);

    private readonly NamespaceClient _ns;
    private readonly IReadOnlyList<string>? _rawFilters;
    private readonly string _sentinel = $"{SentinelTopics}{Guid.NewGuid():N}";
    private readonly EventLedger _ledger = new();
    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, string>> _labels = new(StringComparer.Ordinal);
    private readonly object _gate = new();
    private readonly List<EventSubscription> _subscribers = [];
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private bool _running;
    private bool _known;

    internal EventStream(NamespaceClient ns, IReadOnlyList<string>? rawFilters)
    {
        _ns = ns;
        _rawFilters = rawFilters is { Count: > 0 } ? rawFilters : null;
    }

    internal bool IsEnded { get; private set; }

    /// <summary>Adds a subscriber, and returns when the stream is known to run; null when the stream ended just now.</summary>
    internal async Task<EventSubscription?> JoinAsync(EventFilter filter, CancellationToken cancellation)
    {
        var subscription = new EventSubscription(this, filter);
        lock (_gate)
        {
            if (IsEnded)
                return null;
            _subscribers.Add(subscription);
            if (!_running)
            {
                _running = true;
                _ = Task.Run(RunAsync, CancellationToken.None);
            }
        }

        try
        {
            await _started.Task.WaitAsync(cancellation).ConfigureAwait(false);
            if (filter.Labels is not null)
                await LearnLabelsAsync(cancellation).ConfigureAwait(false);
            return subscription;
        }
        catch
        {
            await subscription.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Takes a subscriber away; with the last one the stream ends.</summary>
    internal void Leave(EventSubscription subscription)
    {
        lock (_gate)
        {
            _subscribers.Remove(subscription);
            if (_subscribers.Count > 0 || IsEnded)
                return;
            IsEnded = true;
            _stop.Cancel();
        }
    }

    public void Dispose() => _stop.Dispose();

    private async Task RunAsync()
    {
        using var closing = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, _ns.Client.Closing);
        try
        {
            while (true)
            {
                try
                {
                    await ListenAsync(closing.Token).ConfigureAwait(false);
                }
                catch (Exception) when (!closing.IsCancellationRequested && _started.Task.IsCompletedSuccessfully)
                {
                    // Whatever it was, the daemon had served this very stream before: it went away, and maybe again while its state was read.
                    await Task.Delay(50, closing.Token).ConfigureAwait(false);
                    await _ns.Client.AwaitReturnAsync(Timeout.InfiniteTimeSpan, closing.Token).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (closing.IsCancellationRequested)
        {
            _started.TrySetException(e is OperationCanceledException or RpcException ? new OperationCanceledException("The session was closed.") : e);
        }
        catch (RpcException e)
        {
            _started.TrySetException(Explain(e));
        }
        catch (Exception e)
        {
            _started.TrySetException(e);
        }
        finally
        {
            // Seen by nobody where nobody waits any more.
            _ = _started.Task.Exception;
            lock (_gate)
            {
                IsEnded = true;
                _subscribers.ForEach(s => s.End());
            }

            Dispose();
        }
    }

    /// <summary>One connection's life: from subscribing to the end of the stream.</summary>
    private async Task ListenAsync(CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var request = new WireEventService.SubscribeRequest();
        foreach (var filter in _rawFilters ?? [""])
            request.Filters.Add($"namespace==\"{_ns.Namespace}\"{(filter.Length > 0 ? "," + filter : "")}");
        if (_rawFilters is not null)
            request.Filters.Add($"topic==\"{_sentinel}\"");
        using var call = new WireEventService.Events.EventsClient(_ns.Calls()).Subscribe(request, cancellationToken: ending.Token);

        // Read without a pause, whatever the delivery does: the daemon keeps a queue for each subscriber.
        var incoming = Channel.CreateUnbounded<WireTypes.Envelope>();
        var live = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reading = Task.Run(() => ReadAsync(call.ResponseStream, incoming.Writer, live, ending.Token), CancellationToken.None);
        try
        {
            await PublishUntilAsync(live.Task, reading, ending.Token).ConfigureAwait(false);
            var missing = await ReconcileAsync(ending.Token).ConfigureAwait(false);
            _started.TrySetResult();
            await DeliverAsync(incoming.Reader, missing, ending.Token).ConfigureAwait(false);
            await reading.ConfigureAwait(false);
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            _ = reading.ContinueWith(static t => t.Exception, TaskScheduler.Default);
        }
    }

    private async Task ReadAsync(IAsyncStreamReader<WireTypes.Envelope> stream, ChannelWriter<WireTypes.Envelope> incoming, TaskCompletionSource live, CancellationToken cancellation)
    {
        try
        {
            while (await stream.MoveNext(cancellation).ConfigureAwait(false))
            {
                var envelope = stream.Current;
                if (envelope.Topic == _sentinel)
                    live.TrySetResult();
                else if (!envelope.Topic.StartsWith(SentinelTopics, StringComparison.Ordinal))
                    await incoming.WriteAsync(envelope, cancellation).ConfigureAwait(false);
            }

            // The daemon ended the stream in good order: it is about to stop.
            throw new RpcException(new Status(StatusCode.Unavailable, "The stream of events ended."));
        }
        finally
        {
            incoming.Complete();
        }
    }

    private async Task PublishUntilAsync(Task live, Task reading, CancellationToken cancellation)
    {
        var content = new Wire.Events.NamespaceUpdate { Name = _ns.Namespace };
        while (!live.IsCompleted)
        {
            if (reading.IsCompleted)
                await reading.ConfigureAwait(false);
            await _ns.Events.PublishAsync(_sentinel, content, cancellation).ConfigureAwait(false);
            await Task.WhenAny(live, reading, Task.Delay(20, cancellation)).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>
    /// Compares what was known with the daemon's state. An exit that the daemon knows is told at once; one that it has forgotten waits a little for the shim's own word.
    /// </summary>
    /// <returns>The processes that ran and that the daemon knows nothing of.</returns>
    private async Task<IReadOnlyList<(string Container, string Process, int Pid)>> ReconcileAsync(CancellationToken cancellation)
    {
        var rpc = new TaskRpc(_ns);
        var tasks = (await rpc.Stub.ListAsync(new(), cancellationToken: cancellation).About(Resource.Task).ConfigureAwait(false)).Tasks;
        if (!_known)
        {
            _known = true;
            _ledger.Begin(tasks);
            return [];
        }

        var missing = new List<(string Container, string Process, int Pid)>();
        foreach (var (container, process, pid) in _ledger.Running)
        {
            try
            {
                var now = await rpc.GetAsync(container, process == container ? "" : process, cancellation).ConfigureAwait(false);
                if (now.Pid != pid && now.Pid != 0)
                {
                    // Another process by now: this one's end was never told.
                    missing.Add((container, process, pid));
                }
                else if (now.Status == WireTypes.Status.Stopped)
                {
                    await TellAsync(
                        new CtrEvent
                        {
                            Type = CtrEventType.Exit,
                            Topic = "/tasks/exit",
                            Timestamp = DateTime.Now,
                            ContainerId = container,
                            ProcessId = process,
                            Pid = pid,
                            ExitCode = unchecked((int)now.ExitStatus),
                            ExitedAt = now.ExitedAt.Local(),
                            Reconciled = true,
                        },
                        cancellation).ConfigureAwait(false);
                }
            }
            catch (CtrNotFoundException)
            {
                missing.Add((container, process, pid));
            }
        }

        foreach (var task in tasks)
            _ledger.Note(task);
        return missing;
    }

    private async Task DeliverAsync(
        ChannelReader<WireTypes.Envelope> incoming, IReadOnlyList<(string Container, string Process, int Pid)> missing, CancellationToken cancellation)
    {
        var patience = missing.Count > 0 ? Task.Delay(LateExitPatience, cancellation) : null;
        while (true)
        {
            var next = incoming.WaitToReadAsync(cancellation).AsTask();
            if (patience is not null && await Task.WhenAny(next, patience).ConfigureAwait(false) == patience)
            {
                await patience.ConfigureAwait(false);
                patience = null;
                await TellMissingAsync(missing, cancellation).ConfigureAwait(false);
            }

            if (!await next.ConfigureAwait(false))
                return;
            while (incoming.TryRead(out var envelope))
                await TellAsync(EventDecoder.Decode(envelope.Topic, envelope.Timestamp, envelope.Event), cancellation).ConfigureAwait(false);
        }
    }

    private async Task TellMissingAsync(IReadOnlyList<(string Container, string Process, int Pid)> missing, CancellationToken cancellation)
    {
        foreach (var (container, process, pid) in missing)
        {
            await TellAsync(
                new CtrEvent
                {
                    Type = CtrEventType.Exit,
                    Topic = "/tasks/exit",
                    Timestamp = DateTime.Now,
                    ContainerId = container,
                    ProcessId = process,
                    Pid = pid,
                    Reconciled = true,
                    Error = "The process ended while the daemon was away, and the daemon has forgotten how.",
                },
                cancellation).ConfigureAwait(false);
        }
    }

    private async Task TellAsync(CtrEvent happened, CancellationToken cancellation)
    {
        if (!_ledger.Admit(happened))
            return;
        happened.Namespace = _ns.Namespace;
        happened.Session = _ns.Session;
        List<EventSubscription> listeners;
        lock (_gate)
            listeners = [.. _subscribers];
        // Learnt while the container is there: its last events may come when it is not.
        if (happened.Type is CtrEventType.ContainerCreate or CtrEventType.ContainerUpdate && listeners.Exists(l => l.Filter.Labels is not null))
            await LabelsAsync(happened, cancellation).ConfigureAwait(false);
        foreach (var listener in listeners)
        {
            if (listener.Filter.Matches(happened) && (listener.Filter.Labels is null || listener.Filter.Matches(await LabelsAsync(happened, cancellation).ConfigureAwait(false))))
                listener.Deliver(happened);
        }

        if (happened.Type == CtrEventType.ContainerDelete)
            _labels.TryRemove(happened.ContainerId, out _);
    }

    private async Task<IReadOnlyDictionary<string, string>> LabelsAsync(CtrEvent happened, CancellationToken cancellation)
    {
        var id = happened.ContainerId;
        if (id.Length == 0)
            return new Dictionary<string, string>();
        // The event has all labels as they are now; the container itself may be gone by the time that it could be asked.
        if (happened.Type == CtrEventType.ContainerUpdate)
            return _labels[id] = EventDecoder.LabelsOf(happened);
        if (_labels.TryGetValue(id, out var known))
            return known;
        try
        {
            var container = await _ns.Containers.GetAsync(id, cancellation).ConfigureAwait(false);
            return _labels[id] = new Dictionary<string, string>(container.Labels, StringComparer.Ordinal);
        }
        catch (CtrNotFoundException)
        {
            return new Dictionary<string, string>();
        }
    }

    private async Task LearnLabelsAsync(CancellationToken cancellation)
    {
        foreach (var container in await _ns.Containers.ListAsync(cancellation).ConfigureAwait(false))
            _labels.TryAdd(container.ContainerId, new Dictionary<string, string>(container.Labels, StringComparer.Ordinal));
    }

    private Exception Explain(RpcException error) =>
        _rawFilters is not null && error.StatusCode is StatusCode.InvalidArgument or StatusCode.Unknown
            ? new CtrArgumentException($"containerd cannot read the filter: {error.Status.Detail}", error)
            {
                ErrorId = "InvalidFilter",
                Subject = string.Join(", ", _rawFilters ?? []),
                Remedy = "Filters look like topic==\"/tasks/exit\" or topic~=|^/tasks/|, joined by commas.",
            }
            : RpcErrors.Translate(error, Resource.Event, null);
}
