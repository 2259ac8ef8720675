namespace Containerd.Host.Mounts;

/// <summary>A line of the table of mounts.</summary>
/// <param name="Point">The directory or file that it lies on.</param>
/// <param name="Type">The type of the file system.</param>
/// <param name="Options">The file system's own options.</param>
internal sealed record MountEntry(string Point, string Type, string[] Options);
