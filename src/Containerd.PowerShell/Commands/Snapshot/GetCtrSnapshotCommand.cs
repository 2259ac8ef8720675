using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Lists snapshots: the layers of images and the writable layers of containers.</summary>
[Cmdlet(VerbsCommon.Get, "CtrSnapshot", DefaultParameterSetName = SnapshotCmdlet.ByName)]
[OutputType(typeof(CtrSnapshot))]
public sealed class GetCtrSnapshotCommand : LabelListCmdlet
{
    /// <summary>Specifies the names of snapshots; wildcards are permitted. By default, all snapshots are returned.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = SnapshotCmdlet.ByName)]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    [IdTransformation(typeof(CtrObject), "a snapshot", "Name")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [PSDefaultValue(Help = "*")]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Specifies snapshots, whose current state is read again, or containers, whose writable snapshots are returned.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = SnapshotCmdlet.ByObject)]
    [ValidateNotNull]
    public CtrObject[] InputObject { get; set; } = [];

    /// <summary>
    /// Specifies the snapshotters; wildcards are permitted. The default is $CONTAINERD_SNAPSHOTTER, or else the default of the namespace.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(SnapshotterCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Snapshotter { get; set; }

    /// <summary>Specifies the kinds of snapshots to return: Active, Committed or View.</summary>
    [Parameter]
    public CtrSnapshotKind[]? Kind { get; set; }

    /// <summary>Specifies a parent. Only snapshots whose parent it is are returned.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Parent { get; set; }

    /// <summary>
    /// Indicates that the properties Size and Inodes are filled in. This requires one more call for each snapshot, and for an active
    /// snapshot the daemon examines each of its files.
    /// </summary>
    [Parameter]
    public SwitchParameter Usage { get; set; }

    /// <summary>Indicates that the property Mounts is filled in: how the daemon's host mounts an active snapshot or a view.</summary>
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
                $"Container '{container.ContainerId}' has no snapshot: its root file system is a directory."
            )
            {
                ErrorId = ErrorIds.SnapshotNotFound,
                Subject = container.ContainerId,
            },
            CtrContainer container => (container.Snapshotter, container.SnapshotKey),
            _ => throw new CtrArgumentException($"A {item.GetType().Name} has no snapshot. Use names, snapshots or containers.")
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
            Await(cancellationToken => ns.Snapshots.FillMountsAsync(snapshot, cancellationToken));
        WriteObject(snapshot);
    }
}
