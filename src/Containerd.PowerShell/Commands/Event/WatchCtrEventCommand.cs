using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Containerd.Client;
using Containerd.Host;

namespace Containerd.PowerShell;

/// <summary>Writes containerd's events to the pipeline as they occur.</summary>
[Cmdlet(VerbsCommon.Watch, "CtrEvent", DefaultParameterSetName = ContainerCmdlet.ById)]
[OutputType(typeof(CtrEvent))]
public sealed class WatchCtrEventCommand : ContainerFilterCmdlet
{
    private readonly EventScope _scope = new();

    /// <summary>Specifies the types of events. By default, events of all types are included.</summary>
    [Parameter]
    public CtrEventType[]? EventType { get; set; }

    /// <summary>
    /// Specifies labels that the events' containers have. Specify a hashtable, or strings such as app=web; a string without = matches any
    /// value, and a value may contain wildcards.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    /// <summary>
    /// Specifies filters in containerd's filter syntax, such as topic~=|^/tasks/|. Events that match any of them are included.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Filter { get; set; }

    /// <summary>Specifies the number of events after which the command ends.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? MaxCount { get; set; }

    /// <summary>
    /// Specifies the time after which the command ends: 10 (seconds), 500ms, 1m30s, 1d. The default is -1, which means no limit.
    /// </summary>
    [Parameter]
    [PSDefaultValue(Help = "-1")]
    [SingleValue("1.5s")]
    public CtrDuration Timeout { get; set; } = CtrDuration.Unlimited;

    /// <summary>
    /// Specifies a script block that runs once, as soon as the daemons report all events: it can trigger the events to watch. Its output
    /// precedes the events, and -Timeout starts when the block has ended.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? Begin { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var item in Objects)
            TryPerSession(item, () => _scope.Add(Resolve(item), item.ContainerId, []));
        if (ParameterSetName != ContainerCmdlet.ById)
            return;
        // Without a name, everything is included, even objects without a name.
        IEnumerable<string?> ids = MyInvocation.BoundParameters.ContainsKey(nameof(Id)) ? Id : new string?[] { null };
        TryPerSession(null, () =>
        {
            var ns = Resolve();
            foreach (var id in ids)
                _scope.Add(ns, id, id is null ? [] : Await(cancellationToken => EventScope.IdsOfAsync(ns, id, cancellationToken)));
        });
    }

    protected override void EndProcessing()
    {
        List<NamespaceClient> namespaces = [.. _scope.Namespaces];
        if (namespaces.Count > 0)
            Try(null, () => Await(cancellationToken => WatchAsync(namespaces, cancellationToken)));
        base.EndProcessing();
    }

    /// <summary>Watches all namespaces at once; they share the count and the time.</summary>
    private async Task WatchAsync(List<NamespaceClient> namespaces, CancellationToken cancellationToken)
    {
        using var ending = new Deadline(cancellationToken);
        var listening = new List<(NamespaceClient Namespace, EventSubscription Subscription)>();
        try
        {
            foreach (var ns in namespaces)
            {
                try
                {
                    var subscription = await ns
                        .Events.SubscribeAsync(_scope.Filter(ns, EventType, Label, Filter), cancellationToken)
                        .ConfigureAwait(false);
                    listening.Add((ns, subscription));
                }
                catch (CtrException e) when (namespaces.Count > 1)
                {
                    await TellAsync(ns, e).ConfigureAwait(false);
                }
            }

            if (listening.Count == 0)
                return;
            Post(() => WriteVerbose("Watching."));
            // In the caller's scope, as ForEach-Object runs its blocks. Meanwhile, events are buffered.
            if (Begin is { } begin)
                await PostAsync(
                        () =>
                            InvokeCommand.InvokeScript(
                                ". $args[0]",
                                false,
                                PipelineResultTypes.Output | PipelineResultTypes.Error,
                                null,
                                begin
                            ),
                        cancellationToken
                    )
                    .ConfigureAwait(false);
            ending.Start(Timeout.TimeSpan);
            var left = MaxCount;
            // Several namespaces of one daemon are interrupted together.
            var warning = Task.WhenAll(listening.DistinctBy(l => l.Namespace.Session).Select(l => WarnAsync(l.Subscription)));
            await Task.WhenAll(listening.Select(l => PassOnAsync(l.Namespace, l.Subscription))).ConfigureAwait(false);
            await warning.ConfigureAwait(false);

            // One warning for an interruption and one for its end. Otherwise a stopped daemon would look like an idle one.
            async Task WarnAsync(EventSubscription subscription)
            {
                await foreach (var change in subscription.ConnectionChanges.WithCancellation(ending.Token).ConfigureAwait(false))
                    await PostAsync(() => WriteWarning(change.Message), ending.Token).ConfigureAwait(false);
            }

            async Task PassOnAsync(NamespaceClient ns, EventSubscription subscription)
            {
                try
                {
                    await foreach (var happened in subscription.Events.WithCancellation(ending.Token).ConfigureAwait(false))
                    {
                        await PostAsync(() => Write(happened), cancellationToken).ConfigureAwait(false);
                        if (left == 0)
                            await ending.CancelAsync().ConfigureAwait(false);
                    }
                }
                catch (CtrException e) when (namespaces.Count > 1)
                {
                    await TellAsync(ns, e).ConfigureAwait(false);
                }
            }

            // The others continue.
            ValueTask TellAsync(NamespaceClient ns, CtrException e) =>
                PostAsync(() => WriteError(ErrorRecords.From(e, ns.Session, ns.Session.Name)), cancellationToken);

            // Only on the pipeline's thread, so that no event is counted twice.
            void Write(CtrEvent happened)
            {
                if (left == 0)
                    return;
                left--;
                WriteObject(happened);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time limit or the count is reached, as requested.
        }
        finally
        {
            foreach (var (_, subscription) in listening)
                await subscription.DisposeAsync().ConfigureAwait(false);
        }
    }
}
