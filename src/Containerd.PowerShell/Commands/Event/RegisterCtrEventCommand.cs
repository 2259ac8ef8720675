using System.Collections;
using System.Management.Automation;
using Containerd.Client;
using Microsoft.PowerShell.Commands;

namespace Containerd.PowerShell;

/// <summary>
/// Hands events to the engine: to its queue (Get-Event, Wait-Event) or to -Action. SourceEventArgs is the CtrEvent. Ends with Unregister-Event,
/// Remove-Module, Disconnect-CtrSession, and the runspace.
/// </summary>
[Cmdlet(VerbsLifecycle.Register, "CtrEvent")]
[OutputType(typeof(PSEventJob))]
public sealed class RegisterCtrEventCommand : ObjectEventRegistrationBase, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly EventSource _source = new();

    /// <summary>Ids of containers, or names of images and so on; wildcards are allowed.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [SupportsWildcards]
    public string[]? Id { get; set; }

    /// <summary>The types of events.</summary>
    [Parameter]
    public CtrEventType[]? EventType { get; set; }

    /// <summary>Only events of containers with these labels; a value may hold wildcards.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public Hashtable? Label { get; set; }

    /// <summary>Filters in containerd's own language, such as topic~=|^/tasks/|; any of them has to match.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Filter { get; set; }

    /// <summary>The sessions to listen to, or their names; wildcards are allowed. Without any, the default.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SessionCompleter))]
    [SessionTransformation]
    [ValidateNotNullOrEmpty]
    public CtrSession[]? Session { get; set; }

    /// <summary>The containerd namespace to listen in; without it the session's.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    public string? Namespace { get; set; }

    public void Dispose() => _stopping.Dispose();

    protected override object GetSourceObject() => _source;

    protected override string GetSourceObjectEventName() => nameof(EventSource.Happened);

    protected override void StopProcessing() => _stopping.Cancel();

    protected override void EndProcessing()
    {
        // What was piped in has been refused, and it was not meant that all is listened to.
        if (MyInvocation.ExpectingInput)
            return;
        var listening = new List<(CtrSession Session, EventSubscription Subscription)>();
        var registered = false;
        try
        {
            var filter = EventFilterArgument.Read(EventType, Id, Label, Filter);
            // The streams run before the engine is told, so that what happens next is seen.
            foreach (var session in (CtrSession?[]?)Session ?? [null])
                Listen(session, filter, listening);
            base.EndProcessing();
            // Unless the source identifier is taken; the engine has said so.
            if (Events.GetEventSubscribers(SourceIdentifier).FirstOrDefault(s => s.SourceObject == _source) is not { } subscriber)
                return;
            registered = true;
            foreach (var (session, subscription) in listening)
                EventPump.Start(session, subscription, Events, subscriber, SourceIdentifier, _source, MessageData);
        }
        finally
        {
            if (!registered)
                listening.ForEach(l => l.Subscription.DisposeAsync().AsTask().GetAwaiter().GetResult());
        }
    }

    private void Listen(CtrSession? session, EventFilter filter, List<(CtrSession Session, EventSubscription Subscription)> listening)
    {
        try
        {
            var ns = SessionChoice.Find(session, Wait, WriteVerbose).In(Namespace);
            listening.Add((ns.Session, Wait(cancellation => ns.Events.SubscribeAsync(filter, cancellation))));
        }
        catch (CtrException e)
        {
            ThrowTerminatingError(ErrorRecords.From(e, session, Session is { Length: > 1 } ? session?.Name : null));
        }
    }

    private T Wait<T>(Func<CancellationToken, Task<T>> work)
    {
        try
        {
            return Task.Run(() => work(_stopping.Token)).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }
}
