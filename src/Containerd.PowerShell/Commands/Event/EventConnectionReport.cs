using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>
/// Shows the interruptions of a registered subscription: on its source object, which raises an event, and in the property Warning of the
/// job of an -Action. Nothing goes into the subscription's queue, which holds the daemon's events.
/// </summary>
internal static class EventConnectionReport
{
    /// <summary>Reports until the subscription ends.</summary>
    /// <param name="session">The session that the subscription listens to.</param>
    /// <param name="subscription">The subscription.</param>
    /// <param name="source">The source object.</param>
    /// <param name="job">The job of the action; null for a subscription without one.</param>
    internal static void Start(CtrSession session, EventSubscription subscription, EventSource source, PSEventJob? job)
    {
        source.Note(
            new CtrEventConnection
            {
                State = CtrEventConnectionState.Listening,
                Since = DateTime.Now,
                Message = $"Events of the daemon at {session.Address} arrive.",
                Namespace = session.Namespace,
                Session = session,
            }
        );
        // It outlives the command and must not use its context.
        using (ExecutionContext.SuppressFlow())
            _ = Task.Run(() => RunAsync(subscription, source, job));
    }

    private static async Task RunAsync(EventSubscription subscription, EventSource source, PSEventJob? job)
    {
        await foreach (var change in subscription.ConnectionChanges.ConfigureAwait(false))
        {
            try
            {
                job?.Warning.Add(new WarningRecord(CtrText.Visible(change.Message)));
            }
            catch (InvalidOperationException)
            {
                // The job has ended and no longer accepts warnings.
            }

            try
            {
                source.Change(change);
            }
            catch (Exception e) when (e is PSInvalidOperationException or InvalidOperationException or ObjectDisposedException)
            {
                // The runspace is closing.
            }
        }
    }
}
