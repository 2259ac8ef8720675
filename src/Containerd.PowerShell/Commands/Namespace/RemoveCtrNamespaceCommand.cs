using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Removes namespaces.</summary>
[Cmdlet(
    VerbsCommon.Remove,
    "CtrNamespace",
    DefaultParameterSetName = ByName,
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.High
)]
public sealed class RemoveCtrNamespaceCommand : NamespaceCmdlet
{
    private const int Activity = 2;

    /// <summary>
    /// Indicates that a namespace that is not empty is emptied first: its tasks are killed, and its containers, images, blobs, snapshots
    /// and leases are removed.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord() =>
        ForEachNamespace(
            (namespaces, name) =>
            {
                // The prompt must show what is lost.
                var counts = Await(async cancellationToken =>
                {
                    await namespaces.GetAsync(name, cancellationToken).ConfigureAwait(false);
                    return await namespaces.CountAsync(name, cancellationToken).ConfigureAwait(false);
                });
                if (!ShouldProcess(name, Force ? $"Remove namespace with {counts}" : "Remove namespace"))
                    return;
                var progress = new Posted(what =>
                    Post(() => WriteProgress(new ProgressRecord(Activity, $"Removing the namespace {name}", what)))
                );
                try
                {
                    Await(cancellationToken => namespaces.RemoveAsync(name, Force, progress, cancellationToken));
                }
                finally
                {
                    if (!Stopping)
                        WriteProgress(
                            new ProgressRecord(Activity, $"Removing the namespace {name}", "Done")
                            {
                                RecordType = ProgressRecordType.Completed,
                            }
                        );
                }
            }
        );

    private sealed class Posted(Action<string> show) : IProgress<string>
    {
        public void Report(string value) => show(value);
    }
}
