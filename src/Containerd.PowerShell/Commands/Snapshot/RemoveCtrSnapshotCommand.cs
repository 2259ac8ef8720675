using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Removes snapshots.</summary>
[Cmdlet(VerbsCommon.Remove, "CtrSnapshot", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
public sealed class RemoveCtrSnapshotCommand : SnapshotCmdlet
{
    private readonly List<SnapshotTarget> _targets = [];

    /// <summary>
    /// Indicates that a snapshot is removed even if a container, an image or a lease needs it; that object is then broken.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord() =>
        ForEachSnapshot(target =>
        {
            var snapshot = Await(cancellationToken =>
                target.Namespace.Snapshots.GetAsync(target.Snapshotter, target.Name, cancellationToken)
            );
            _targets.Add(target with { Item = snapshot });
        });

    protected override void EndProcessing()
    {
        var byItem = new Dictionary<object, SnapshotTarget>(
            _targets.Select(t => KeyValuePair.Create((object)t.Item!, t)),
            ReferenceEqualityComparer.Instance
        );
        foreach (var snapshot in SnapshotOrder.ChildrenFirst([.. _targets.Select(t => t.Item!)]))
        {
            var target = byItem[snapshot];
            Try(snapshot, () =>
            {
                if (ShouldProcess(target.Title, "Remove snapshot"))
                    Await(cancellationToken =>
                        target.Namespace.Snapshots.RemoveAsync(target.Snapshotter, target.Name, Force, cancellationToken)
                    );
            });
        }
    }
}
