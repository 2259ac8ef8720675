using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>
/// Delivers the events of one session to a subscriber of the engine, from one thread and therefore in order. A subscriber has one pump for
/// each of its sessions. It ends with the subscriber, the runspace, the removal of the module or the session, whichever comes first.
/// </summary>
internal sealed class EventPump
{
    private static readonly List<EventPump> Pumps = [];

    private readonly CtrSession _session;
    private readonly EventSubscription _subscription;
    private readonly PSEventManager _engine;
    private readonly PSEventSubscriber _subscriber;
    private readonly Runspace? _runspace = Runspace.DefaultRunspace;
    private readonly Guid _scope = RunspaceScope.Current;
    private volatile bool _stopped;

    private EventPump(CtrSession session, EventSubscription subscription, PSEventManager engine, PSEventSubscriber subscriber)
    {
        _session = session;
        _subscription = subscription;
        _engine = engine;
        _subscriber = subscriber;
    }

    internal static void Start(
        CtrSession session,
        EventSubscription subscription,
        PSEventManager engine,
        PSEventSubscriber subscriber,
        string sourceIdentifier,
        EventSource source,
        PSObject? messageData
    )
    {
        var pump = new EventPump(session, subscription, engine, subscriber);
        lock (Pumps)
            Pumps.Add(pump);
        // Raised on the delivering thread, which must not wait for itself.
        subscriber.Unsubscribed += (_, _) => pump.Stop();
        if (pump._runspace is { } runspace)
            runspace.StateChanged += pump.StopWith;

        new Thread(() => pump.Run(sourceIdentifier, source, messageData))
        {
            IsBackground = true,
            Name = $"Events for {sourceIdentifier}",
        }.Start();
    }

    /// <summary>
    /// Ends the subscriptions of this runspace, for one session or for all. The subscribers are also removed from the engine: they would
    /// receive no more events, and would occupy their source identifiers. Pending events of an -Action run first, on this thread, which
    /// must be the pipeline's thread.
    /// </summary>
    internal static void StopHere(CtrSession? session = null)
    {
        var scope = RunspaceScope.Current;
        List<EventPump> going;
        lock (Pumps)
            going = Pumps.FindAll(p => p._scope == scope && (session is null || p._session == session));
        foreach (var pump in going)
        {
            pump.Stop();
            // Events of other sessions continue.
            lock (Pumps)
            {
                if (Pumps.Exists(p => p._subscriber == pump._subscriber))
                    continue;
            }

            pump._engine.UnsubscribeEvent(pump._subscriber);
        }
    }

    private void StopWith(object? sender, RunspaceStateEventArgs change)
    {
        if (change.RunspaceStateInfo.State is RunspaceState.Closing or RunspaceState.Closed or RunspaceState.Broken)
            Stop();
    }

    private void Stop()
    {
        _stopped = true;
        lock (Pumps)
            Pumps.Remove(this);
        if (_runspace is { } runspace)
            runspace.StateChanged -= StopWith;
        _ = _subscription.DisposeAsync().AsTask();
    }

    private void Run(string sourceIdentifier, EventSource source, PSObject? messageData)
    {
        try
        {
            foreach (var happened in _subscription.Events.ToBlockingEnumerable())
            {
                // Events that have arrived by then are discarded: the engine would put them into its queue.
                if (_stopped)
                    break;
                // On this thread: the thread pool would not keep the order of a burst.
                _engine.GenerateEvent(
                    sourceIdentifier,
                    source,
                    [source, happened],
                    messageData,
                    processInCurrentThread: true,
                    waitForCompletionInCurrentThread: false
                );
            }
        }
        catch (Exception e) when (e is PSInvalidOperationException or InvalidOperationException or ObjectDisposedException)
        {
            // The runspace is closing.
        }
        finally
        {
            Stop();
        }
    }
}
