namespace Containerd.Client.Workloads.Volumes;

/// <summary>The errors about volumes.</summary>
internal static class VolumeErrors
{
    internal static CtrArgumentException InvalidName(string name) =>
        new($"'{name}' cannot be the name of a volume: {VolumeNames.Rule}.")
        {
            ErrorId = ErrorIds.InvalidVolumeName,
            Subject = name,
            Remedy = "Use another name, such as pgdata.",
        };

    internal static CtrNotFoundException NotFound(string name, string inNamespace) =>
        new($"The volume '{name}' does not exist in namespace '{inNamespace}'.")
        {
            ErrorId = ErrorIds.VolumeNotFound,
            Subject = name,
            Remedy = "Create it, or check the name and the namespace.",
        };

    internal static CtrConflictException Exists(string name) =>
        new($"A volume '{name}' already exists.")
        {
            ErrorId = ErrorIds.VolumeExists,
            Subject = name,
            Remedy = "Use the existing volume, or another name.",
        };

    internal static CtrConflictException InUse(string name, IReadOnlyList<string> containers) =>
        new($"The volume '{name}' is used by the container{(containers.Count == 1 ? "" : "s")} {string.Join(", ", containers)}.")
        {
            ErrorId = ErrorIds.VolumeInUse,
            Subject = name,
            Remedy = "Remove the containers first; a container that is stopped also uses its volumes.",
        };

    internal static CtrConflictException Busy(string name) =>
        new($"The volume '{name}' is in use: a container is being created with it, or its files are being read.")
        {
            ErrorId = ErrorIds.VolumeInUse,
            Subject = name,
            RemedyId = "Busy",
            Remedy = "Try again when that is finished.",
        };

    internal static CtrNotSupportedException ContentNotReadable(string name, string image, string target, CtrException cause) =>
        new($"The files of the image '{image}' at '{target}' cannot be copied to the volume '{name}'. {cause.Message}", cause)
        {
            ErrorId = ErrorIds.RootfsNotReadable,
            Subject = name,
            RemedyId = "NoCopy",
            Remedy = "Run as root on the daemon's host, use another snapshotter, or mount the volume without a copy of these files.",
        };

    internal static CtrFileException Remains(string name, string folder) =>
        new($"The volume '{name}' was removed, but some of its files could not be: they are in '{folder}'.")
        {
            ErrorId = ErrorIds.VolumeNotWritable,
            Subject = folder,
            RemedyId = "Remains",
            Remedy = "Find out what protects them, such as a mount or an immutable file, and remove the folder.",
        };

    internal static CtrDataException InvalidArchive(string path, string why, Exception cause) =>
        new($"'{path}' cannot be imported as a volume: {why}.", cause)
        {
            ErrorId = ErrorIds.VolumeArchiveInvalid,
            Subject = path,
            Remedy = "Use a tar whose entries are the files of the volume, such as one of an exported volume.",
        };

    internal static CtrNotSupportedException OnlyOnLinux() =>
        new("Volumes are supported only on the Linux host of the daemon.")
        {
            ErrorId = ErrorIds.DaemonNotLocal,
            Remedy = "Run this on the daemon's host.",
        };
}
