namespace Containerd.Client;

/// <summary>The order in which snapshots can be removed.</summary>
public static class SnapshotOrder
{
    /// <summary>Sorts snapshots so that each precedes its parent.</summary>
    /// <param name="snapshots">The snapshots, of one or several snapshotters.</param>
    /// <returns>The same snapshots.</returns>
    public static IReadOnlyList<CtrSnapshot> ChildrenFirst(IReadOnlyCollection<CtrSnapshot> snapshots)
    {
        ArgumentNullException.ThrowIfNull(snapshots);
        var known = new Dictionary<(CtrSession?, string?, string, string), CtrSnapshot>();
        foreach (var snapshot in snapshots)
            known.TryAdd((snapshot.Session, snapshot.Namespace, snapshot.Snapshotter, snapshot.Name), snapshot);
        int Depth(CtrSnapshot snapshot)
        {
            var depth = 0;
            // Limited, because objects that users created can be their own parents.
            for (
                var at = snapshot;
                depth <= known.Count
                    && at.Parent.Length > 0
                    && known.TryGetValue((at.Session, at.Namespace, at.Snapshotter, at.Parent), out var parent);
                at = parent
            )
                depth++;
            return depth;
        }

        return [.. snapshots.Select(s => (Snapshot: s, Depth: Depth(s))).OrderByDescending(s => s.Depth).Select(s => s.Snapshot)];
    }
}
