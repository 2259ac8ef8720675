namespace Containerd.Client.Rootfs;

/// <summary>A mount that makes up a root filesystem, as containerd's snapshotters describe them (types.Mount).</summary>
/// <param name="Type">The filesystem's type, such as <c>overlay</c> or <c>bind</c>.</param>
/// <param name="Source">A device or directory of the host, or any name for a filesystem without one.</param>
/// <param name="Target">Where it is mounted below the root; empty for the root itself.</param>
/// <param name="Options">Mount options as in fstab.</param>
public sealed record RootfsMount(string Type, string Source, string Target, IReadOnlyList<string> Options);
