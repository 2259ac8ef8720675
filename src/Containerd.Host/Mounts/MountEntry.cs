namespace Containerd.Host.Mounts;

/// <summary>A line of the mount table.</summary>
/// <param name="Point">The mount point, a directory or file.</param>
/// <param name="Type">The type of the file system.</param>
/// <param name="Options">The file system's own options.</param>
internal sealed record MountEntry(string Point, string Type, string[] Options);
