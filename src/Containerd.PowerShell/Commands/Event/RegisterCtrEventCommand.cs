using System.Management.Automation;
using Containerd.Client;
using Microsoft.PowerShell.Commands;

namespace Containerd.PowerShell;

/// <summary>
/// Hands events to the engine: to its queue (Get-Event, Wait-Event) or to -Action. SourceEventArgs is the CtrEvent. Ends with
/// Unregister-Event,
/// Remove-Module, Disconnect-CtrSession, and the runspace.
/// </summary>
[Cmdlet(VerbsLifecycle.Register, "CtrEvent", DefaultParameterSetName = ContainerCmdlet.ById)]
[OutputType(typeof(PSEventJob))]
public sealed class RegisterCtrEventCommand : ObjectEventRegistrationBase, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly EventSource _source = new();
    private readonly EventScope _scope = new();

    /// <summary>Ids of containers, or names of images and so on; wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = ContainerCmdlet.ById)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [IdTransformation]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Id { get; set; }

    /// <summary>Containers, or tasks, processes or exits of containers.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ContainerCmdlet.ByObject)]
    [ValidateNotNull]
    public CtrContainerObject[] InputObject { get; set; } = [];

    /// <summary>Events of containers.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ContainerCmdlet.ByEvent)]
    [ValidateNotNull]
    public CtrEvent[] Event { get; set; } = [];

    /// <summary>The types of events.</summary>
    [Parameter]
    public CtrEventType[]? EventType { get; set; }

    /// <summary>
    /// Specifies labels that the events' containers have. Give a hashtable, or texts such as app=web; a text without = matches any value,
    /// and a value may contain wildcards.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

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

    protected override void ProcessRecord()
    {
        foreach (var item in InputObject.Concat<ICtrContainerObject>(Event))
            Add(item, item.ContainerId);
        if (ParameterSetName != ContainerCmdlet.ById)
            return;
        foreach (var id in (string?[]?)Id ?? [null])
            Add(null, id);
    }

    protected override void EndProcessing()
    {
        // Nothing came down the pipeline, or it has been refused: it was not meant that all is listened to.
        List<NamespaceClient> namespaces = [.. _scope.Namespaces];
        if (namespaces.Count == 0)
            return;
        var listening = new List<(CtrSession Session, EventSubscription Subscription)>();
        var registered = false;
        try
        {
            // The streams run before the engine is told, so that what happens next is seen.
            foreach (var ns in namespaces)
                listening.Add(
                    (
                        ns.Session,
                        Do(ns.Session, () =>
                            Wait(cancellationToken =>
                                ns.Events.SubscribeAsync(_scope.Filter(ns, EventType, Label, Filter), cancellationToken)
                            )
                        )
                    )
                );
            base.EndProcessing();
            // Unless the source identifier is taken; the engine has said so.
            if (Events.GetEventSubscribers(SourceIdentifier).FirstOrDefault(s => s.SourceObject == _source) is not { } subscriber)
                return;
            registered = true;
            foreach (var (session, subscription) in listening)
                EventPump.Start(session, subscription, Events, subscriber, SourceIdentifier, _source, MessageData);
            // Several namespaces of one daemon are interrupted together.
            foreach (var (session, subscription) in listening.DistinctBy(l => l.Session))
                EventConnectionReport.Start(session, subscription, _source, subscriber.Action);
        }
        finally
        {
            if (!registered)
                listening.ForEach(l => l.Subscription.DisposeAsync().AsTask().GetAwaiter().GetResult());
        }
    }

    private void Add(ICtrContainerObject? item, string? id)
    {
        foreach (var named in (CtrSession?[]?)Session ?? [null])
        {
            var ns = Do(named, () =>
                SessionChoice
                    .Find(named ?? item?.Session, Wait, text => WriteVerbose(CtrText.Visible(text)))
                    .In(Namespace ?? SessionChoice.NamespaceOf(item, named))
            );
            _scope.Add(
                ns,
                id,
                item is not null || id is null
                    ? []
                    : Do(named, () => Wait(cancellationToken => EventScope.IdsOfAsync(ns, id, cancellationToken)))
            );
        }
    }

    /// <summary>One registration is for all of them, so one that fails ends it.</summary>
    private T Do<T>(CtrSession? session, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (CtrException e)
        {
            ThrowTerminatingError(ErrorRecords.From(e, session, Session is { Length: > 1 } ? session?.Name : null));
            throw;
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
