using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>
/// Carries one subscription's events into the engine, from one thread and so in order. It ends with the engine's subscriber, the runspace, the module's
/// removal or the session, whichever comes first.
/// </summary>
internal sealed class EventPump
{
    private static readonly List<EventPump> Pumps = [];

    private readonly EventSubscription _subscription;
    private readonly PSEventManager _engine;
    private readonly PSEventSubscriber _subscriber;
    private readonly Guid _scope = RunspaceScope.Current;

    private EventPump(EventSubscription subscription, PSEventManager engine, PSEventSubscriber subscriber)
    {
        _subscription = subscription;
        _engine = engine;
        _subscriber = subscriber;
    }

    internal static void Start(EventSubscription subscription, PSEventManager engine, PSEventSubscriber subscriber, string sourceIdentifier, EventSource source, PSObject? messageData)
    {
        var pump = new EventPump(subscription, engine, subscriber);
        lock (Pumps)
            Pumps.Add(pump);
        // Raised on the thread that delivers, which must not wait for itself.
        subscriber.Unsubscribed += (_, _) => pump.Stop();
        if (Runspace.DefaultRunspace is { } runspace)
        {
            runspace.StateChanged += (_, change) =>
            {
                if (change.RunspaceStateInfo.State is RunspaceState.Closing or RunspaceState.Closed or RunspaceState.Broken)
                    pump.Stop();
            };
        }

        new Thread(() => pump.Run(sourceIdentifier, source, messageData)) { IsBackground = true, Name = $"Events for {sourceIdentifier}" }.Start();
    }

    /// <summary>Ends the subscriptions of a runspace that removes the module.</summary>
    internal static void StopScope(Guid scope)
    {
        List<EventPump> going;
        lock (Pumps)
            going = Pumps.FindAll(p => p._scope == scope);
        foreach (var pump in going)
        {
            pump.Stop();
            pump._engine.UnsubscribeEvent(pump._subscriber);
        }
    }

    private void Stop()
    {
        lock (Pumps)
            Pumps.Remove(this);
        _ = _subscription.DisposeAsync().AsTask();
    }

    private void Run(string sourceIdentifier, EventSource source, PSObject? messageData)
    {
        try
        {
            foreach (var happened in _subscription.Events.ToBlockingEnumerable())
            {
                // On this very thread: handed to the pool, a burst would lose its order.
                _engine.GenerateEvent(sourceIdentifier, source, [source, happened], messageData, processInCurrentThread: true, waitForCompletionInCurrentThread: false);
            }
        }
        catch (Exception e) when (e is PSInvalidOperationException or InvalidOperationException or ObjectDisposedException)
        {
            // The runspace is going.
        }
        finally
        {
            Stop();
        }
    }
}
