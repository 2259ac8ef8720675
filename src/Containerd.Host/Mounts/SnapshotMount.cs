namespace Containerd.Host;

/// <summary>How a snapshot is mounted on the daemon's host (types Mount).</summary>
/// <param name="Type">The kind of mount, such as <c>overlay</c> or <c>bind</c>.</param>
/// <param name="Source">What is mounted.</param>
/// <param name="Target">The directory below the root that it goes to; empty for the root.</param>
/// <param name="Options">The mount's options.</param>
public sealed record SnapshotMount(string Type, string Source, string Target, IReadOnlyList<string> Options);
