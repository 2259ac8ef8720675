using System.Collections.Concurrent;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Host.Errors;
using Grpc.Core;

namespace Containerd.Client.Workloads.Events;

/// <summary>
/// A stream of events, shared by its subscribers: it resumes after a restart of the daemon, and reports missed events as far as the
/// daemon's state shows them.
/// </summary>
internal sealed class EventStream : IDisposable
{
    private readonly RecordScope _ns;
    private readonly IReadOnlyList<string>? _rawFilters;
    private readonly EventSelection? _selection;
    private readonly EventDelivery _delivery;
    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, string>> _labels = new(StringComparer.Ordinal);
    private readonly object _gate = new();
    private readonly List<EventSubscription> _subscribers = [];
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private bool _running;
    private EventInterruption? _interruption;

    internal EventStream(RecordScope ns, IReadOnlyList<string>? rawFilters)
    {
        _ns = ns;
        _rawFilters = rawFilters is { Count: > 0 } ? rawFilters : null;
        _selection = _rawFilters is null ? null : new EventSelection(_rawFilters);
        _delivery = _selection is { } selection
            ? new EventDelivery(ns, SelectAsync, e => selection.Decide(e, isReported: false))
            : new EventDelivery(ns, TellAsync, null);
    }

    internal bool IsEnded { get; private set; }

    /// <summary>Adds a subscriber, and returns when the stream is confirmed to be running; null if the stream has just ended.</summary>
    internal async Task<EventSubscription?> JoinAsync(EventFilter filter, CancellationToken cancellationToken)
    {
        var subscription = new EventSubscription(this, filter);
        lock (_gate)
        {
            if (IsEnded)
                return null;
            _subscribers.Add(subscription);
            if (_interruption is not null)
                subscription.Report(_interruption.Begin());
            if (!_running)
            {
                _running = true;
                _ = Task.Run(RunAsync, CancellationToken.None);
            }
        }

        try
        {
            await _started.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (filter.Labels is not null)
                await LearnLabelsAsync(cancellationToken).ConfigureAwait(false);
            return subscription;
        }
        catch
        {
            await subscription.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Removes a subscriber; with the last one the stream ends.</summary>
    internal async Task LeaveAsync(EventSubscription subscription)
    {
        Task stopping;
        lock (_gate)
        {
            _subscribers.Remove(subscription);
            if (_subscribers.Count > 0 || IsEnded)
                return;
            IsEnded = true;
            // Under the lock, because the end of the stream disposes it.
            stopping = _stop.CancelAsync();
        }

        await stopping.ConfigureAwait(false);
    }

    public void Dispose() => _stop.Dispose();

    private async Task RunAsync()
    {
        using var closing = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, _ns.Connection.Closing);
        CtrException? failure = null;
        try
        {
            while (true)
            {
                try
                {
                    await ListenAsync(closing.Token).ConfigureAwait(false);
                }
                catch (Exception e) when (!closing.IsCancellationRequested && _started.Task.IsCompletedSuccessfully)
                {
                    // Whatever the error is, the daemon had served this stream before: it became unavailable, possibly again while its
                    // state was read.
                    Interrupt(e);
                    await Task.Delay(50, closing.Token).ConfigureAwait(false);
                    await _ns.Connection.AwaitReturnAsync(Timeout.InfiniteTimeSpan, closing.Token).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (closing.IsCancellationRequested)
        {
            _started.TrySetException(
                e is OperationCanceledException or RpcException ? new OperationCanceledException("The session was closed.") : e
            );
        }
        catch (Exception e)
        {
            var error = e is RpcException rpc ? Explain(rpc) : e;
            _started.TrySetException(error);
            // Existing subscribers receive it after the last event.
            failure = ClientErrors.Translate(error);
        }
        finally
        {
            // Not observed if no caller waits any more.
            _ = _started.Task.Exception;
            lock (_gate)
            {
                IsEnded = true;
                _subscribers.ForEach(s => s.End(failure));
            }

            Dispose();
        }
    }

    /// <summary>One connection: from subscribing to the end of the stream.</summary>
    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            // All events, because the ledger needs complete lives; the caller's filter selects from them.
            using var all = await EventCall.OpenAsync(_ns, null, ending.Token).ConfigureAwait(false);
            using var selected = _rawFilters is null
                ? null
                : await EventCall.OpenAsync(_ns, _rawFilters, ending.Token).ConfigureAwait(false);
            await _delivery.ReconcileAsync(all, ending.Token).ConfigureAwait(false);
            _started.TrySetResult();
            Resume();
            List<Task> working = [_delivery.RunAsync(all, ending.Token), all.Reading];
            if (selected is not null)
                working.AddRange([TellSelectedAsync(selected, ending.Token), selected.Reading]);
            await Task.WhenAny(working).ConfigureAwait(false);
            // Events that were received before the end of the stream are still delivered.
            if (all.Reading.IsCompleted)
                await working[0].ConfigureAwait(false);
            await ending.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(working).ConfigureAwait(false);
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Notifies the subscribers once that no events arrive.</summary>
    private void Interrupt(Exception error)
    {
        lock (_gate)
        {
            if (_interruption is not null)
                return;
            _interruption = new EventInterruption(_ns, error);
            _subscribers.ForEach(s => s.Report(_interruption.Begin()));
        }
    }

    /// <summary>Notifies them that events arrive again.</summary>
    private void Resume()
    {
        lock (_gate)
        {
            if (_interruption is not { } ended)
                return;
            _interruption = null;
            _subscribers.ForEach(s => s.Report(ended.End()));
        }
    }

    /// <summary>Processes the events of the ledger: the caller's filter decides which are delivered.</summary>
    private Task SelectAsync(CtrEvent e, CancellationToken cancellationToken)
    {
        if (e.Reconciled)
            return _selection!.MaySelect(e.Topic) ? TellAsync(e, cancellationToken) : Task.CompletedTask;
        if (e.ContainerId.Length > 0)
            _selection!.Decide(e, isReported: true);
        return Task.CompletedTask;
    }

    private async Task TellSelectedAsync(EventCall selected, CancellationToken cancellationToken)
    {
        await foreach (var envelope in selected.Events.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            var e = EventDecoder.Decode(envelope.Topic, envelope.Timestamp, envelope.Event);
            if (await _selection!.DecisionAsync(e, cancellationToken).ConfigureAwait(false) is { } reported)
                await TellAsync(reported, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task TellAsync(CtrEvent happened, CancellationToken cancellationToken)
    {
        happened.Namespace = _ns.Namespace;
        happened.Session = _ns.Session;
        List<EventSubscription> listeners;
        lock (_gate)
            listeners = [.. _subscribers];
        // Read while the container exists: its last events may arrive when it no longer does.
        if (
            happened.Type is CtrEventType.ContainerCreate or CtrEventType.ContainerUpdate
            && listeners.Exists(l => l.Filter.Labels is not null)
        )
            await LabelsAsync(happened, cancellationToken).ConfigureAwait(false);
        foreach (var listener in listeners)
        {
            if (
                listener.Filter.Matches(happened)
                && (
                    listener.Filter.Labels is null
                    || listener.Filter.Matches(await LabelsAsync(happened, cancellationToken).ConfigureAwait(false))
                )
            )
                listener.Deliver(happened);
        }

        if (happened.Type == CtrEventType.ContainerDelete)
            _labels.TryRemove(happened.ContainerId, out _);
    }

    private async Task<IReadOnlyDictionary<string, string>> LabelsAsync(CtrEvent happened, CancellationToken cancellationToken)
    {
        var id = happened.ContainerId;
        if (id.Length == 0)
            return new Dictionary<string, string>();
        // The event contains all current labels; the container itself may no longer exist when it could be queried.
        if (happened.Type == CtrEventType.ContainerUpdate)
            return _labels[id] = EventDecoder.LabelsOf(happened);
        if (_labels.TryGetValue(id, out var known))
            return known;
        try
        {
            var container = await _ns.ContainerRecords.GetAsync(id, cancellationToken).ConfigureAwait(false);
            return _labels[id] = new Dictionary<string, string>(container.Labels, StringComparer.Ordinal);
        }
        catch (CtrNotFoundException)
        {
            return new Dictionary<string, string>();
        }
    }

    private async Task LearnLabelsAsync(CancellationToken cancellationToken)
    {
        foreach (var container in await _ns.ContainerRecords.ListAsync(cancellationToken).ConfigureAwait(false))
            _labels.TryAdd(container.ContainerId, new Dictionary<string, string>(container.Labels, StringComparer.Ordinal));
    }

    private Exception Explain(RpcException error) =>
        _rawFilters is not null && error.StatusCode is StatusCode.InvalidArgument or StatusCode.Unknown
            ? new CtrArgumentException($"containerd cannot read the filter: {error.Status.Detail}", error)
            {
                ErrorId = ErrorIds.InvalidFilter,
                Subject = string.Join(", ", _rawFilters ?? []),
                Remedy = "Filters look like topic==\"/tasks/exit\" or topic~=|^/tasks/|, joined by commas.",
            }
            : RpcErrors.Translate(error, Resource.Event, null);
}
