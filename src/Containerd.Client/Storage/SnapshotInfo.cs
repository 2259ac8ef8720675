namespace Containerd.Client;

/// <summary>What containerd knows about a snapshot (snapshots.v1 Info).</summary>
/// <param name="Name">Its key, or its name once it is committed.</param>
/// <param name="Parent">The snapshot below it; empty for none.</param>
/// <param name="Kind"><c>View</c>, <c>Active</c> or <c>Committed</c>.</param>
/// <param name="Labels">Its labels.</param>
public sealed record SnapshotInfo(string Name, string Parent, string Kind, IReadOnlyDictionary<string, string> Labels);
