namespace Containerd.Host;

/// <summary>A mount of a snapshot on the daemon's host (types Mount).</summary>
/// <param name="Type">The type, such as <c>overlay</c> or <c>bind</c>.</param>
/// <param name="Source">The source.</param>
/// <param name="Target">The directory below the root to mount on; empty for the root.</param>
/// <param name="Options">The mount's options.</param>
public sealed record SnapshotMount(string Type, string Source, string Target, IReadOnlyList<string> Options);
