using System.Management.Automation;
using Containerd.Client;
using Microsoft.PowerShell.Commands;

namespace Containerd.PowerShell;

/// <summary>Subscribes to containerd's events and passes them to the engine: to its queue, or to an action.</summary>
[Cmdlet(VerbsLifecycle.Register, "CtrEvent", DefaultParameterSetName = ContainerCmdlet.ById)]
[OutputType(typeof(PSEventJob))]
public sealed class RegisterCtrEventCommand : ObjectEventRegistrationBase, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly EventSource _source = new();
    private readonly EventScope _scope = new();

    /// <summary>Specifies the ids or names of containers, or the names of images and other objects; wildcards are permitted.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = ContainerCmdlet.ById)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [IdTransformation]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Id { get; set; }

    /// <inheritdoc cref="ContainerCmdlet.InputObject"/>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ContainerCmdlet.ByObject)]
    [ValidateNotNull]
    public CtrContainerObject[] InputObject { get; set; } = [];

    /// <inheritdoc cref="ContainerCmdlet.Event"/>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ContainerCmdlet.ByEvent)]
    [ValidateNotNull]
    public CtrEvent[] Event { get; set; } = [];

    /// <inheritdoc cref="WatchCtrEventCommand.EventType"/>
    [Parameter]
    public CtrEventType[]? EventType { get; set; }

    /// <inheritdoc cref="WatchCtrEventCommand.Label"/>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    /// <inheritdoc cref="WatchCtrEventCommand.Filter"/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Filter { get; set; }

    /// <summary>
    /// Specifies the sessions to listen to, as objects or by name; wildcards are permitted. By default, the default session is used.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(SessionCompleter))]
    [SessionTransformation]
    [ValidateNotNullOrEmpty]
    public CtrSession[]? Session { get; set; }

    /// <summary>Specifies the containerd namespace to listen in. The default is that of the session.</summary>
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
        // The pipeline was empty or its objects were rejected: the user did not mean to listen to everything.
        List<NamespaceClient> namespaces = [.. _scope.Namespaces];
        if (namespaces.Count == 0)
            return;
        var listening = new List<(CtrSession Session, EventSubscription Subscription)>();
        var registered = false;
        try
        {
            // The streams run before the engine is notified, so that no event is missed.
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
            // Unless the source identifier is in use, which the engine has reported.
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

    /// <summary>One registration covers all sessions, so a failure of one of them ends it.</summary>
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
