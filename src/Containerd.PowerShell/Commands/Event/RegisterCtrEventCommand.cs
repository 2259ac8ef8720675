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

    /// <summary>The session to listen to; without it the default.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SessionCompleter))]
    [SessionTransformation(OnlyOne = true)]
    public CtrSession? Session { get; set; }

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
        NamespaceClient ns;
        EventSubscription subscription;
        try
        {
            ns = SessionChoice.Find(Session, Wait, WriteVerbose).In(Namespace);
            // The stream runs before the engine is told, so that what happens next is seen.
            subscription = Wait(cancellation => ns.Events.SubscribeAsync(EventFilterArgument.Read(EventType, Id, Label, Filter), cancellation));
        }
        catch (CtrException e)
        {
            ThrowTerminatingError(ErrorRecords.From(e, Session));
            return;
        }

        base.EndProcessing();
        if (Events.GetEventSubscribers(SourceIdentifier).FirstOrDefault(s => s.SourceObject == _source) is not { } subscriber)
        {
            // The source identifier is taken; the engine has said so.
            subscription.DisposeAsync().AsTask().GetAwaiter().GetResult();
            return;
        }

        EventPump.Start(ns.Session, subscription, Events, subscriber, SourceIdentifier, _source, MessageData);
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
