using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Containerd.Client;
using Containerd.Host;

namespace Containerd.PowerShell;

/// <summary>
/// Streams events to the pipeline as they happen, until Ctrl+C, -MaxCount or -Timeout. Events from the moment on that it has started.
/// </summary>
[Cmdlet(VerbsCommon.Watch, "CtrEvent", DefaultParameterSetName = ContainerCmdlet.ById)]
[OutputType(typeof(CtrEvent))]
public sealed class WatchCtrEventCommand : ContainerFilterCmdlet
{
    private readonly EventScope _scope = new();

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

    /// <summary>Ends after so many events.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? MaxCount { get; set; }

    /// <summary>Ends after this time: 10 (seconds), 500ms, 1m30s, 1d; -1, the default, for no limit.</summary>
    [Parameter]
    [PSDefaultValue(Help = "-1")]
    [SingleValue("1.5s")]
    public CtrDuration Timeout { get; set; } = CtrDuration.Unlimited;

    /// <summary>
    /// Specifies a script block that runs once, when the daemons report every event from then on: it can cause the events that are watched.
    /// Its output precedes the
    /// events, and -Timeout starts when it has ended.
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
        // Without a name it is everything, of which not all has one.
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
            // In the caller's scope, as ForEach-Object runs its blocks. Events wait meanwhile.
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

            // One warning for an interruption and one for its end. A stopped daemon would otherwise look like one in which nothing happens.
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

            // The others go on.
            ValueTask TellAsync(NamespaceClient ns, CtrException e) =>
                PostAsync(() => WriteError(ErrorRecords.From(e, ns.Session, ns.Session.Name)), cancellationToken);

            // On the pipeline's thread alone, so that none is counted twice.
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
            // The time is over, or enough have come, which is what was asked for.
        }
        finally
        {
            foreach (var (_, subscription) in listening)
                await subscription.DisposeAsync().ConfigureAwait(false);
        }
    }
}
