using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Rootfs;

/// <summary>A root filesystem in a directory of the host, or mounted there for the current thread.</summary>
[SupportedOSPlatform("linux")]
internal sealed class DirectoryRootfs : IRootfs, IDisposable
{
    private readonly SafeFileHandle root;
    private readonly List<Stream> opened = [];

    internal DirectoryRootfs(string directory) =>
        root = LibcMounts.Open(directory, LibcMounts.O_PATH | LibcMounts.O_DIRECTORY, out var error)
            ?? throw Failed("The root filesystem", directory, error);

    public Stream? OpenRead(string path)
    {
        // It is examined before it is opened: opening a device or FIFO can block, or have side effects.
        using var found = Find(path);
        if (found is null || LibcMounts.Stat(found).Kind != FileKind.File)
            return null;
        var file = LibcMounts.Open($"/proc/self/fd/{found.DangerousGetHandle()}", LibcMounts.O_RDONLY, out var error)
            ?? throw Failed("The file", path, error);
        var stream = new FileStream(file, FileAccess.Read);
        opened.Add(stream);
        return stream;
    }

    public bool Exists(string path)
    {
        using var found = Find(path);
        return found is not null;
    }

    public IReadOnlyList<string>? List(string path)
    {
        using var found = Find(path);
        if (found is null || LibcMounts.Stat(found).Kind != FileKind.Directory)
            return null;
        return
        [
            .. Directory
                .EnumerateFileSystemEntries($"/proc/self/fd/{found.DangerousGetHandle()}/")
                .Select(entry => Path.GetFileName(entry)),
        ];
    }

    /// <summary>Also closes opened files: an open file would keep the mount.</summary>
    public void Dispose()
    {
        opened.ForEach(stream => stream.Dispose());
        root.Dispose();
    }

    private SafeFileHandle? Find(string path)
    {
        var found = LibcMounts.OpenInRoot(root, path, LibcMounts.O_PATH, out var error);
        return found is null && error is not (LibcMounts.ENOENT or LibcMounts.ENOTDIR or LibcMounts.ELOOP)
            ? throw Failed("The path", path, error)
            : found;
    }

    private static CtrException Failed(string what, string path, int error)
    {
        var message = $"{what} '{path}' cannot be read: {Marshal.GetPInvokeErrorMessage(error)}.";
        return error switch
        {
            LibcMounts.EPERM or LibcMounts.EACCES => new CtrPermissionException(message)
            {
                ErrorId = ErrorIds.RootfsNotReadable,
                Subject = path,
                Remedy = RootfsReader.NumericUserWorks,
            },
            LibcMounts.ENOENT or LibcMounts.ENOTDIR => new CtrNotFoundException(message)
            {
                ErrorId = ErrorIds.RootfsNotFound,
                Subject = path,
                Remedy = "Check the path on the daemon's host.",
            },
            LibcMounts.ENOSYS => new CtrNotSupportedException(message)
            {
                ErrorId = ErrorIds.RootfsNotReadable,
                Subject = path,
                Remedy = $"Linux 5.6 or newer is needed. {RootfsReader.NumericUserWorks}",
            },
            _ => new CtrDataException(message) { ErrorId = ErrorIds.RootfsNotReadable, Subject = path },
        };
    }
}
