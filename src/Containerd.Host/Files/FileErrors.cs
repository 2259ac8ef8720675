using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Containerd.Host.Copies;
using Containerd.Host.Native;

namespace Containerd.Host.Files;

/// <summary>The errors for files.</summary>
[SupportedOSPlatform("linux")]
internal static class FileErrors
{
    private const string BeRoot = "Run as root on the daemon's host.";

    /// <summary>The error for an error number of the kernel.</summary>
    /// <param name="error">The number.</param>
    /// <param name="root">The side of the file.</param>
    /// <param name="path">The path of the file for messages.</param>
    /// <param name="doing">The failed operation: read, written, …</param>
    internal static CtrException Failed(int error, FileRoot root, string path, string doing)
    {
        var reason = Marshal.GetPInvokeErrorMessage(error);
        var cause = new IOException(reason, error);
        switch (error)
        {
            case LibcMounts.ENOENT or LibcMounts.ENOTDIR or LibcFiles.ESTALE:
                return new CtrNotFoundException(
                    $"'{path}' does not exist{(error == LibcMounts.ENOTDIR ? ": a part of its path is not a directory" : "")}.",
                    cause
                )
                {
                    ErrorId = ErrorIds.PathNotFound,
                    Subject = path,
                };
            case LibcMounts.EPERM or LibcMounts.EACCES:
                return new CtrPermissionException($"'{path}' cannot be {doing}: {reason}.", cause)
                {
                    ErrorId = ErrorIds.FilePermissionDenied,
                    Subject = path,
                    RemedyId = Environment.IsPrivilegedProcess ? null : "AsRoot",
                    Remedy = Environment.IsPrivilegedProcess
                        ? "Check whether it is immutable (lsattr), and whether its file system or a security module forbids this."
                        : BeRoot,
                };
            case LibcFiles.EROFS:
                return ReadOnly(root, path, cause);
            case LibcFiles.ENOSPC or LibcFiles.EDQUOT:
                return new CtrFileException($"There is no space left for '{path}'.", cause)
                {
                    ErrorId = ErrorIds.DiskFull,
                    Subject = path,
                    Remedy = "Free space on its file system; the incomplete copy has been removed.",
                };
            case LibcMounts.ELOOP:
                return new CtrPermissionException(
                    $"'{path}' contains a link that is not followed: a loop, or a link in /proc that points out of a container.",
                    cause
                )
                {
                    ErrorId = ErrorIds.LinkNotFollowed,
                    Subject = path,
                    Remedy = "Use the path that the link stands for inside the container.",
                };
            case LibcMounts.ENOSYS:
                return new CtrNotSupportedException($"'{path}' cannot be {doing}: the kernel does not support openat2.", cause)
                {
                    ErrorId = ErrorIds.KernelTooOld,
                    Subject = path,
                    Remedy = "Copying to and from containers requires Linux 5.6 or later.",
                };
            case LibcFiles.EEXIST:
                return Changed(path, cause);
            default:
                return new CtrFileException($"'{path}' cannot be {doing}: {reason}.", cause) { Subject = path };
        }
    }

    internal static CtrFileException ReadOnly(FileRoot root, string path, Exception? cause = null) =>
        root.Container is { } container && root.IsReadOnly
            ? new($"'{path}' cannot be written: the root file system of container '{container.ContainerId}' is read-only.", cause)
            {
                ErrorId = ErrorIds.RootfsReadOnly,
                Subject = path,
                Remedy = "Copy into one of its mounts while its task runs, or create the container without a read-only root file system.",
            }
            : new($"'{path}' cannot be written: its file system is read-only.", cause)
            {
                ErrorId = ErrorIds.ReadOnlyFileSystem,
                Subject = path,
            };

    internal static CtrConflictException Changed(string path, Exception? cause = null) =>
        new($"'{path}' was changed by another process while it was being written.", cause)
        {
            ErrorId = ErrorIds.ChangedMeanwhile,
            Subject = path,
            Remedy = "Copy again while no other process changes it: pause the container first.",
        };

    internal static CtrArgumentException IsDirectory(string path) =>
        new($"'{path}' is a directory.")
        {
            ErrorId = ErrorIds.SourceIsDirectory,
            Subject = path,
            Remedy = "Copy it recursively.",
        };

    internal static CtrNotFoundException NoParent(string path) =>
        new($"The directory of '{path}' does not exist.")
        {
            ErrorId = ErrorIds.ParentNotFound,
            Subject = path,
            Remedy = "Create the directory first, or allow the copy to create it.",
        };

    internal static CtrConflictException NotDirectory(string path, bool isLink) =>
        new(isLink ? $"'{path}' is a symbolic link, and links below the destination are not followed." : $"'{path}' is not a directory.")
        {
            ErrorId = ErrorIds.DestinationNotDirectory,
            Subject = path,
            Remedy = isLink ? "Copy to the target of the link, or remove the link first." : "Use a directory, or remove the file first.",
        };

    internal static CtrConflictException NoFolder(string path) =>
        new($"'{path}' is not a directory, and several items cannot have the same name.")
        {
            ErrorId = ErrorIds.DestinationNotDirectory,
            Subject = path,
            RemedyId = "CreateDirectory",
            Remedy = "Create it first, or allow the copy to create it.",
        };

    internal static CtrConflictException Directory(string path) =>
        new($"'{path}' is a directory, and the copied item is not a directory.")
        {
            ErrorId = ErrorIds.DestinationIsDirectory,
            Subject = path,
            Remedy = "Remove the directory first, or copy the item under another name.",
        };

    internal static CtrConflictException ReadOnlyFile(string path) =>
        new($"'{path}' is a read-only file.")
        {
            ErrorId = ErrorIds.FileReadOnly,
            Subject = path,
            Remedy = "Make it writable, or allow the copy to replace it.",
        };

    internal static CtrConflictException Special(string path) =>
        new($"'{path}' is a device, named pipe or socket: a copy would replace it instead of writing to it.")
        {
            ErrorId = ErrorIds.DestinationIsSpecial,
            Subject = path,
            RemedyId = "Replace",
            Remedy = "Allow the copy to replace it; to write to it, run a command in the container.",
        };

    internal static CtrConflictException Device(string path) =>
        new($"'{path}' is a device of this machine, which a copy would replace with a file.")
        {
            ErrorId = ErrorIds.DestinationIsSpecial,
            Subject = path,
            Remedy = "Copy to another path and write that to the device. To replace the device, remove it first.",
        };

    internal static CtrConflictException Same(string path) =>
        new($"'{path}' would be copied onto itself.") { ErrorId = ErrorIds.SameItem, Subject = path };

    internal static CtrArgumentException Inside(string path) =>
        new($"'{path}' is inside the copied directory: the directory would be copied into itself.")
        {
            ErrorId = ErrorIds.DestinationInSource,
            Subject = path,
            Remedy = "Choose a destination outside that directory.",
        };

    internal static CtrConflictException JustWritten(string path) =>
        new($"'{path}' has just been written by this operation, and another item would replace it.")
        {
            ErrorId = ErrorIds.JustCopied,
            Subject = path,
            Remedy = "Give each item its own destination.",
        };

    internal static CtrArgumentException Uncopyable(string path) =>
        new($"'{path}' is a socket, which cannot be copied: it works only with the process that created it.")
        {
            ErrorId = ErrorIds.SocketNotCopied,
            Subject = path,
        };

    internal static CtrDataException TooDeep(string path) =>
        new($"'{path}' is nested too deep: at most {TreeCopy.MaxDepth} levels of directories can be copied.")
        {
            ErrorId = ErrorIds.TreeTooDeep,
            Subject = path,
        };

    internal static CtrNotFoundException Hidden(FileRoot root, string path, CtrSpecMount mount) =>
        new(
            $"'{path}' lies in what is mounted at '{mount.Destination}', which is there only while the task of container "
                + $"'{root.Container!.ContainerId}' runs."
        )
        {
            ErrorId = ErrorIds.PathInMount,
            Subject = path,
            Remedy =
                mount.Type == "bind" && mount.Source is { Length: > 0 } source
                    ? $"Start the task, or copy from or to '{source}' on the host."
                    : "Start the task first.",
        };
}
