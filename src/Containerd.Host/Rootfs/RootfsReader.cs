using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Containerd.Host.Native;
using Containerd.Host.Rootfs;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host;

/// <summary>Reads files of a container's root filesystem on this machine.</summary>
public static class RootfsReader
{
    internal const string NumericUserWorks =
        "Run as root on the daemon's host, or specify the user as numbers (uid:gid), which do not require reading the root file system.";

    /// <summary>
    /// Mounts a root filesystem for a separate thread, invisible to other processes, and reads in it. The mount ends with the thread, and
    /// with the process if that is killed.
    /// </summary>
    /// <typeparam name="T">The type of the result.</typeparam>
    /// <param name="mounts">The mounts, as Snapshots.Mounts returns them. They are mounted read-only.</param>
    /// <param name="read">Reads; it runs on that thread, and the files that it opened are closed when it returns.</param>
    /// <returns>What <paramref name="read"/> returned.</returns>
    /// <exception cref="CtrPermissionException"><c>RootfsNotReadable</c>: the caller is not allowed to mount.</exception>
    /// <exception cref="CtrNotSupportedException">
    /// <c>RootfsNotReadable</c>: this is not Linux, or a mount of this kind cannot be made here.
    /// </exception>
    public static T Read<T>(IReadOnlyList<SnapshotMount> mounts, Func<IRootfs, T> read)
    {
        ArgumentNullException.ThrowIfNull(mounts);
        ArgumentNullException.ThrowIfNull(read);
        if (mounts.Count == 0)
            throw new CtrArgumentException("The root filesystem has no mounts.") { ErrorId = ErrorIds.RootfsNotReadable };

        return OperatingSystem.IsLinux() ? ReadOnLinux(mounts, read) : throw NotLinux();
    }

    /// <summary>Reads in a root filesystem in a directory: one without a snapshot, or <c>/proc/PID/root</c> of a running task.</summary>
    /// <typeparam name="T">The type of the result.</typeparam>
    /// <param name="directory">The directory on this machine.</param>
    /// <param name="read">Reads; the files that it opened are closed when it returns.</param>
    /// <returns>What <paramref name="read"/> returned.</returns>
    /// <exception cref="CtrPermissionException"><c>RootfsNotReadable</c>: the caller is not allowed to read it.</exception>
    /// <exception cref="CtrNotFoundException"><c>RootfsNotFound</c>: the directory does not exist.</exception>
    public static T Read<T>(string directory, Func<IRootfs, T> read)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(read);
        if (!OperatingSystem.IsLinux())
            throw NotLinux();
        using var rootfs = new DirectoryRootfs(directory);
        return read(rootfs);
    }

    /// <summary>
    /// Mounts a root filesystem, invisible to other processes, as long as both handles are open: that of its root directory, and that of
    /// its mount namespace.
    /// </summary>
    /// <remarks>
    /// The second one is needed because the kernel treats each step in a mount without a namespace as a change of mounts, and then rejects
    /// <c>..</c> in openat2.
    /// </remarks>
    [SupportedOSPlatform("linux")]
    internal static (SafeFileHandle Root, SafeFileHandle Namespace) Open(IReadOnlyList<SnapshotMount> mounts, bool writable) =>
        InPrivate(() =>
        {
            // A directory that always exists and cannot be removed, which would remove the mount too.
            const string MountPoint = "/proc";
            var ns = LibcMounts.Open("/proc/thread-self/ns/mnt", LibcMounts.O_RDONLY, out var error)
                ?? throw Failed("The mount namespace cannot be held", error);
            try
            {
                foreach (var mount in mounts)
                    RootfsMounter.Mount(mount, MountPoint, writable);
                return (
                    LibcMounts.Open(MountPoint, LibcMounts.O_PATH | LibcMounts.O_DIRECTORY, out error)
                        ?? throw Failed("The root filesystem cannot be opened", error),
                    ns
                );
            }
            catch
            {
                ns.Dispose();
                throw;
            }
        });

    /// <summary>Runs an action on a separate thread, in a mount namespace that ends with it.</summary>
    [SupportedOSPlatform("linux")]
    private static T InPrivate<T>(Func<T> use)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        // Not a pool thread, which other work would get with its mounts, and not this one.
        var thread = new Thread(() =>
        {
            try
            {
                EnterNamespace();
                result = use();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        })
        {
            IsBackground = true,
            Name = "Root filesystem reader",
        };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    [SupportedOSPlatform("linux")]
    private static void EnterNamespace()
    {
        if (LibcMounts.Unshare(LibcMounts.CLONE_NEWNS) != 0)
            throw Failed("A private mount namespace could not be created", Marshal.GetLastPInvokeError());
        // Mounts here must not propagate to the host; mounts that the host unmounts must not stay in use here.
        if (LibcMounts.Mount(null, "/", null, (nuint)(LibcMounts.MS_REC | LibcMounts.MS_SLAVE), null) != 0)
            throw Failed("The mount namespace could not be made private", Marshal.GetLastPInvokeError());
    }

    [SupportedOSPlatform("linux")]
    private static T ReadOnLinux<T>(IReadOnlyList<SnapshotMount> mounts, Func<IRootfs, T> read) =>
        InPrivate(() => ReadMounted(mounts, read));

    [SupportedOSPlatform("linux")]
    private static T ReadMounted<T>(IReadOnlyList<SnapshotMount> mounts, Func<IRootfs, T> read)
    {
        var root = Directory.CreateTempSubdirectory($"ctr-rootfs-{Environment.ProcessId}-").FullName;
        try
        {
            foreach (var mount in mounts)
                RootfsMounter.Mount(mount, root, writable: false);
            return Read(root, read);
        }
        finally
        {
            // There may be several on top of each other.
            while (LibcMounts.Unmount(root, LibcMounts.MNT_DETACH) == 0) { }
            TryRemove(root);
        }
    }

    [SupportedOSPlatform("linux")]
    internal static CtrException Failed(string what, int error)
    {
        var message = $"{what}: {Marshal.GetPInvokeErrorMessage(error)}.";
        return error is LibcMounts.EPERM or LibcMounts.EACCES
            ? new CtrPermissionException(message) { ErrorId = ErrorIds.RootfsNotReadable, Remedy = NumericUserWorks }
            : new CtrNotSupportedException(message) { ErrorId = ErrorIds.RootfsNotReadable, Remedy = NumericUserWorks };
    }

    private static CtrNotSupportedException NotLinux() =>
        new("A container's root filesystem can be read only on the Linux host of its daemon.")
        {
            ErrorId = ErrorIds.RootfsNotReadable,
            Remedy = "Specify the user as numbers (uid:gid), which do not require reading the root file system.",
        };

    private static void TryRemove(string directory)
    {
        try
        {
            Directory.Delete(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // An empty directory is left in the temporary folder; the result is more important.
        }
    }
}
