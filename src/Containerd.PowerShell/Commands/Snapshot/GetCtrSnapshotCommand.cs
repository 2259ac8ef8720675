using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Lists snapshots: the layers of images and what containers write upon them.</summary>
[Cmdlet(VerbsCommon.Get, "CtrSnapshot", DefaultParameterSetName = SnapshotCmdlet.ByName)]
[OutputType(typeof(CtrSnapshot))]
public sealed class GetCtrSnapshotCommand : LabelListCmdlet
{
    /// <summary>Names of snapshots; wildcards are allowed. Without any, all snapshots.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = SnapshotCmdlet.ByName)]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    [IdTransformation(typeof(CtrObject), "a snapshot", "Name")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [PSDefaultValue(Help = "*")]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Snapshots to be read anew, or containers, for those that they write.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = SnapshotCmdlet.ByObject)]
    [ValidateNotNull]
    public CtrObject[] InputObject { get; set; } = [];

    /// <summary>The snapshotters; wildcards are allowed. Without any, $CONTAINERD_SNAPSHOTTER, else the namespace's default.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SnapshotterCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Snapshotter { get; set; }

    /// <summary>Only snapshots of these kinds.</summary>
    [Parameter]
    public CtrSnapshotKind[]? Kind { get; set; }

    /// <summary>Only snapshots that build upon this one.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Parent { get; set; }

    /// <summary>
    /// Fills in Size and Inodes: one more call for each, and for a snapshot that is written the daemon looks at every file of it.
    /// </summary>
    [Parameter]
    public SwitchParameter Usage { get; set; }

    /// <summary>Fills in Mounts: how the daemon's host mounts a snapshot that is written or viewed.</summary>
    [Parameter]
    public SwitchParameter Mount { get; set; }

    protected override void ProcessRecord()
    {
        if (ParameterSetName == SnapshotCmdlet.ByObject)
        {
            foreach (var item in InputObject)
            {
                TryPerSession(item, () =>
                {
                    var ns = Resolve(item);
                    Write(ns, Again(ns, item));
                });
            }

            return;
        }

        foreach (var name in Name)
        {
            TryPerSession(name, () =>
            {
                var ns = Resolve();
                foreach (var snapshotter in Snapshotters(ns))
                {
                    foreach (
                        var snapshot in Find(
                            name,
                            s => s.Name,
                            cancellationToken => ns.Snapshots.GetAsync(snapshotter, name, cancellationToken),
                            (filter, cancellationToken) => ns.Snapshots.ListAsync(snapshotter, filter, cancellationToken)
                        )
                    )
                        Write(ns, snapshot);
                }
            });
        }
    }

    private CtrSnapshot Again(NamespaceClient ns, CtrObject item)
    {
        var (snapshotter, name) = item switch
        {
            CtrSnapshot snapshot => (snapshot.Snapshotter, snapshot.Name),
            CtrContainer { SnapshotKey.Length: 0 } container => throw new CtrNotFoundException(
                $"The container '{container.ContainerId}' has no snapshot: its root file system is a directory."
            )
            {
                ErrorId = ErrorIds.SnapshotNotFound,
                Subject = container.ContainerId,
            },
            CtrContainer container => (container.Snapshotter, container.SnapshotKey),
            _ => throw new CtrArgumentException($"A {item.GetType().Name} has no snapshot of its own. Give names, snapshots or containers.")
            {
                ErrorId = ErrorIds.InvalidInput,
            },
        };
        return Await(cancellationToken => ns.Snapshots.GetAsync(snapshotter, name, cancellationToken));
    }

    private IEnumerable<string> Snapshotters(NamespaceClient ns)
    {
        if (Snapshotter is null)
            return [Await(ns.Snapshots.DefaultSnapshotterAsync)];
        if (!Snapshotter.Any(WildcardPattern.ContainsWildcardCharacters))
            return Snapshotter;
        var known = Await(ns.Snapshots.SnapshottersAsync);
        return Snapshotter
            .SelectMany(s =>
                WildcardPattern.ContainsWildcardCharacters(s)
                    ? known.Where(k => NamePattern.Get(s, WildcardOptions.IgnoreCase).IsMatch(k))
                    : [s]
            )
            .Distinct();
    }

    private void Write(NamespaceClient ns, CtrSnapshot snapshot)
    {
        if (Kind?.Contains(snapshot.Kind) == false || (Parent is not null && snapshot.Parent != Parent))
            return;
        if (Usage && !Await(cancellationToken => ns.Snapshots.TryMeasureAsync(snapshot, cancellationToken)))
            return;
        if (Mount)
            Await(cancellationToken => ns.Snapshots.TellMountsAsync(snapshot, cancellationToken));
        WriteObject(snapshot);
    }
}
