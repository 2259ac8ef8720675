using Containerd.Host;

namespace Containerd.Client.Workloads.Volumes;

/// <summary>The errors about images that containers mount.</summary>
internal static class ImageMountErrors
{
    internal static CtrNotSupportedException MappedIds(CtrMount mount) =>
        new($"The image '{mount.Source}' cannot be mounted in a container with mapped ids: its files would have owners without a mapping.")
        {
            ErrorId = ErrorIds.MountNotSupported,
            Subject = mount.Source,
            RemedyId = "MappedIds",
            Remedy = "Mount it in a container without mapped ids, or copy the files to a volume.",
        };

    internal static CtrNotSupportedException NotOneMount(string image, string snapshotter, IReadOnlyList<SnapshotMount> mounts) =>
        new(
            $"The image '{image}' cannot be mounted in a container: the snapshotter '{snapshotter}' "
                + (mounts.Count == 1 ? $"returns a mount of the type '{mounts[0].Type}'." : $"returns {mounts.Count} mounts for it.")
        )
        {
            ErrorId = ErrorIds.MountNotSupported,
            Subject = image,
            RemedyId = "Snapshotter",
            Remedy = "Use the snapshotter overlayfs or native.",
        };

    internal static CtrNotSupportedException TooManyLayers(string image) =>
        new($"The image '{image}' cannot be mounted in a container: the paths of its layers are longer than the kernel accepts.")
        {
            ErrorId = ErrorIds.MountNotSupported,
            Subject = image,
            RemedyId = "Snapshotter",
            Remedy = "Use the snapshotter native, or an image with fewer layers.",
        };

    internal static CtrArgumentException TooLong(CtrMount mount) =>
        new(
            $"The mount of the image '{mount.Source}' cannot be stored: its name, target, subpath and options are longer than the label of "
                + "a container can be."
        )
        {
            ErrorId = ErrorIds.InvalidMount,
            Subject = mount.Source,
            RemedyId = "Shorter",
            Remedy = "Use a shorter target or subpath.",
        };

    internal static CtrNotFoundException NoSubPath(string image, string path) =>
        new($"The image '{image}' has no '{path}' to mount.")
        {
            ErrorId = ErrorIds.MountSourceNotFound,
            Subject = path,
            RemedyId = "SubPath",
            Remedy = "Check the path: it starts at the root of the image.",
        };

    internal static CtrNotSupportedException SubPathNotReadable(string image, string path, Exception cause) =>
        new($"'{path}' of the image '{image}' cannot be mounted: {cause.Message.TrimEnd('.')}.", cause)
        {
            ErrorId = ErrorIds.MountNotSupported,
            Subject = path,
            RemedyId = "WholeImage",
            Remedy = "Run as root on the daemon's host, or mount the whole image.",
        };

    internal static CtrArgumentException Moved(string image, string target) =>
        new(
            $"The layers of the image '{image}' at '{target}' are in other folders than at the checkpoint, and CRIU mounts the "
                + "former ones."
        )
        {
            ErrorId = ErrorIds.CheckpointMismatch,
            Subject = image,
            RemedyId = "FormerFolders",
            Remedy = "Restore on the host of the checkpoint while its images are unpacked as they were, or without the mounted image.",
        };

    internal static CtrArgumentException Changed(string image, string target) =>
        new($"The image '{image}' has other layers than those that were mounted at '{target}' when the checkpoint was created.")
        {
            ErrorId = ErrorIds.CheckpointMismatch,
            Subject = image,
            RemedyId = "ImportImage",
            Remedy = "Import the image that the container mounted under that name.",
        };
}
