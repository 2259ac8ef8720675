using System.Collections;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Streams events to the pipeline as they happen, until Ctrl+C, -MaxCount or -Timeout. Events from the moment on that it has started.</summary>
[Cmdlet(VerbsCommon.Watch, "CtrEvent")]
[OutputType(typeof(CtrEvent))]
public sealed class WatchCtrEventCommand : SessionCmdlet
{
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
    public Hashtable? Label { get; set; }

    /// <summary>Filters in containerd's own language, such as topic~=|^/tasks/|; any of them has to match.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Filter { get; set; }

    /// <summary>Ends after so many events.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? MaxCount { get; set; }

    /// <summary>Ends after this time: 10 (seconds), 500ms, 1m30s.</summary>
    [Parameter]
    public CtrDuration? Timeout { get; set; }

    protected override void EndProcessing() => Try(Session, () =>
    {
        var ns = Resolve();
        var filter = EventFilterArgument.Read(EventType, Id, Label, Filter);
        Await(async cancellation =>
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var subscription = await ns.Events.SubscribeAsync(filter, cancellation).ConfigureAwait(false);
            await using (subscription.ConfigureAwait(false))
            {
                Post(() => WriteVerbose("Watching."));
                if (Timeout is CtrDuration limit)
                    ending.CancelAfter(limit.TimeSpan);
                var count = 0;
                try
                {
                    await foreach (var happened in subscription.Events.WithCancellation(ending.Token).ConfigureAwait(false))
                    {
                        await PostAsync(() => WriteObject(happened), cancellation).ConfigureAwait(false);
                        if (++count == MaxCount)
                            return;
                    }
                }
                catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
                {
                    // The time is over, which is what was asked for.
                }
            }
        });
    });
}
