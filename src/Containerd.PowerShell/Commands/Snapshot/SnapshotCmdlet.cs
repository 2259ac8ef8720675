using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>A cmdlet that acts on snapshots, specified by their names in a snapshotter or as objects.</summary>
public abstract class SnapshotCmdlet : SessionCmdlet
{
    internal const string ByName = "Name";
    internal const string ByObject = "InputObject";

    /// <summary>Specifies the names of snapshots.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    [IdTransformation(typeof(CtrSnapshot), "a snapshot", "Name")]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Specifies snapshots, as Get-CtrSnapshot and New-CtrSnapshot return them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public CtrSnapshot[] InputObject { get; set; } = [];

    /// <summary>
    /// Specifies the snapshotter that holds the snapshots. The default is $CONTAINERD_SNAPSHOTTER, or else the default of the namespace.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(SnapshotterCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Snapshotter { get; set; }

    /// <summary>Runs the action for each snapshot of this record; each failure is a separate error.</summary>
    internal void ForEachSnapshot(Action<SnapshotTarget> work)
    {
        foreach (var item in InputObject)
            TryPerSession(item, () => work(Target(Resolve(item), item.Name, item)));
        foreach (var name in Name)
            TryPerSession(name, () => work(Target(Resolve(), name, null)));
    }

    private SnapshotTarget Target(NamespaceClient ns, string name, CtrSnapshot? item) => new(ns, SnapshotterOf(ns, item), name, item);

    private string SnapshotterOf(NamespaceClient ns, CtrSnapshot? item) =>
        Snapshotter ?? (item?.Snapshotter is { Length: > 0 } own ? own : Await(ns.Snapshots.DefaultSnapshotterAsync));
}

/// <summary>A snapshot that a cmdlet acts on: its namespace, its name, and the object that identified it.</summary>
internal sealed record SnapshotTarget(NamespaceClient Namespace, string Snapshotter, string Name, CtrSnapshot? Item)
{
    /// <summary>The name of the snapshot in prompts.</summary>
    internal string Title => $"{Name} ({Namespace.Namespace}, {Snapshotter})";
}
