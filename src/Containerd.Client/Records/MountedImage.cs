namespace Containerd.Client.Records;

/// <summary>An image that a container mounts.</summary>
/// <param name="Target">The mount point.</param>
/// <param name="Image">The name of the image.</param>
/// <param name="SubPath">The path in the image; empty for all of it.</param>
/// <param name="Options">The mount options.</param>
/// <param name="Parent">The snapshot of the image, whose name identifies its layers.</param>
/// <param name="Snapshotter">The snapshotter.</param>
/// <param name="View">The snapshot that the container keeps.</param>
internal sealed record MountedImage(
    string Target,
    string Image,
    string SubPath,
    string[] Options,
    string Parent,
    string Snapshotter,
    string View
)
{
    /// <summary>The mount, to mount the same in another container.</summary>
    internal CtrMount ToMount() =>
        new()
        {
            Type = "image",
            Source = Image,
            Target = Target,
            SubPath = SubPath,
            Options = Options,
            ReadOnly = true,
        };
}
