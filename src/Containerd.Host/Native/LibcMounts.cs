using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Native;

/// <summary>The system calls behind <see cref="RootfsReader"/>: mount namespaces, mounts, and opening below a root.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class LibcMounts
{
    internal const int EPERM = 1;
    internal const int ENOENT = 2;
    internal const int EAGAIN = 11;
    internal const int EACCES = 13;
    internal const int EBUSY = 16;
    internal const int ENOTDIR = 20;
    internal const int ENOSYS = 38;
    internal const int ELOOP = 40;

    internal const int CLONE_FS = 0x00000200;
    internal const int CLONE_NEWNS = 0x00020000;

    internal const ulong MS_RDONLY = 1;
    internal const ulong MS_NOSUID = 2;
    internal const ulong MS_NODEV = 4;
    internal const ulong MS_NOEXEC = 8;
    internal const ulong MS_SYNCHRONOUS = 16;
    internal const ulong MS_REMOUNT = 32;
    internal const ulong MS_DIRSYNC = 128;
    internal const ulong MS_NOATIME = 1024;
    internal const ulong MS_NODIRATIME = 2048;
    internal const ulong MS_BIND = 4096;
    internal const ulong MS_REC = 16384;
    internal const ulong MS_SLAVE = 1 << 19;
    internal const ulong MS_RELATIME = 1 << 21;
    internal const ulong MS_STRICTATIME = 1 << 24;

    internal const int MNT_DETACH = 2;
    internal const int UMOUNT_NOFOLLOW = 8;

    internal const int O_RDONLY = 0;
    internal const int O_CLOEXEC = 0x80000;
    internal const int O_PATH = 0x200000;

    // These two depend on the architecture.
    internal static int O_DIRECTORY { get; } = IsArm ? 0x4000 : 0x10000;

    internal static int O_NOFOLLOW { get; } = IsArm ? 0x8000 : 0x20000;

    private const int AT_FDCWD = -100;
    private const int AT_SYMLINK_NOFOLLOW = 0x100;
    private const int AT_EMPTY_PATH = 0x1000;

    // The basic ones, and the mount (Linux 5.8).
    private const uint Statistics = 0x7ff | 0x1000;
    private const int MostAttempts = 1000;
    private const ulong RESOLVE_NO_MAGICLINKS = 0x02;
    private const ulong RESOLVE_IN_ROOT = 0x10;

    // The same on every architecture, as all calls since 5.0 are.
    private const nint SYS_openat2 = 437;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    /// <summary>Opens a path as a process whose root is the directory would: neither links nor <c>..</c> can leave it.</summary>
    /// <returns>The handle, or null with the error in <paramref name="error"/>.</returns>
    internal static SafeFileHandle? OpenInRoot(SafeFileHandle root, string path, int flags, out int error) =>
        OpenInRoot(root, System.Text.Encoding.UTF8.GetBytes(path), flags, out error);

    /// <inheritdoc cref="OpenInRoot(SafeFileHandle, string, int, out int)"/>
    internal static SafeFileHandle? OpenInRoot(SafeFileHandle root, byte[] path, int flags, out int error)
    {
        var how = new OpenHow { Flags = (ulong)(uint)(flags | O_CLOEXEC), Resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
        var added = false;
        try
        {
            root.DangerousAddRef(ref added);
            fixed (byte* name = (byte[])[.. path, 0])
            {
                for (var attempt = 1; ; attempt++)
                {
                    var fd = Syscall(SYS_openat2, root.DangerousGetHandle(), (nint)name, (nint)(&how), sizeof(OpenHow));
                    error = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
                    // After any concurrent rename or mount, the kernel cannot guarantee that ".." stayed inside.
                    if (error != EAGAIN || attempt == MostAttempts)
                        return fd < 0 ? null : new SafeFileHandle(fd, ownsHandle: true);
                    if (attempt % 10 == 0)
                        Thread.Sleep(1);
                }
            }
        }
        finally
        {
            if (added)
                root.DangerousRelease();
        }
    }

    /// <summary>Opens a path of the host.</summary>
    /// <returns>The handle, or null with the error in <paramref name="error"/>.</returns>
    internal static SafeFileHandle? Open(string path, int flags, out int error)
    {
        var fd = OpenFile(path, flags | O_CLOEXEC);
        error = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
        return fd < 0 ? null : new SafeFileHandle(fd, ownsHandle: true);
    }

    internal static bool TryStat(string path, bool followLinks, out FileStat stat)
    {
        StatxBuffer buffer;
        var result = Statx(AT_FDCWD, path, followLinks ? 0 : AT_SYMLINK_NOFOLLOW, Statistics, &buffer);
        stat = result == 0 ? buffer.ToStat() : default;
        return result == 0;
    }

    internal static FileStat Stat(SafeFileHandle handle)
    {
        StatxBuffer buffer;
        var added = false;
        try
        {
            handle.DangerousAddRef(ref added);
            if (Statx((int)handle.DangerousGetHandle(), "", AT_EMPTY_PATH, Statistics, &buffer) != 0)
                throw new IOException($"statx: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
            return buffer.ToStat();
        }
        finally
        {
            if (added)
                handle.DangerousRelease();
        }
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    internal static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Mount(string? source, string target, string? type, nuint flags, string? data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Unmount(string target, int flags);

    [LibraryImport("libc", EntryPoint = "chdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int ChangeDirectory(string path);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, StatxBuffer* buffer);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Syscall(nint number, nint a, nint b, nint c, nint d);

    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        internal ulong Flags;
        internal ulong Mode;
        internal ulong Resolve;
    }

    /// <summary>The kernel's struct statx, which is the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatxBuffer
    {
        [FieldOffset(16)]
        internal uint Links;

        [FieldOffset(20)]
        internal uint Uid;

        [FieldOffset(24)]
        internal uint Gid;

        [FieldOffset(28)]
        internal ushort Mode;

        [FieldOffset(32)]
        internal ulong Inode;

        [FieldOffset(40)]
        internal ulong Size;

        [FieldOffset(64)]
        internal long AccessedSeconds;

        [FieldOffset(72)]
        internal uint AccessedNanoseconds;

        [FieldOffset(112)]
        internal long ModifiedSeconds;

        [FieldOffset(120)]
        internal uint ModifiedNanoseconds;

        [FieldOffset(128)]
        internal uint RdevMajor;

        [FieldOffset(132)]
        internal uint RdevMinor;

        [FieldOffset(136)]
        internal uint DeviceMajor;

        [FieldOffset(140)]
        internal uint DeviceMinor;

        [FieldOffset(144)]
        internal ulong Mount;

        internal readonly FileStat ToStat()
        {
            var kind = (Mode & 0xF000) switch
            {
                0x8000 => FileKind.File,
                0x4000 => FileKind.Directory,
                0xA000 => FileKind.SymbolicLink,
                0x2000 => FileKind.CharacterDevice,
                0x6000 => FileKind.BlockDevice,
                0x1000 => FileKind.NamedPipe,
                0xC000 => FileKind.Socket,
                _ => FileKind.Other,
            };
            return new FileStat(kind, Mode, Uid, Gid, (long)Size, RdevMajor, RdevMinor)
            {
                Identity = new FileIdentity(DeviceMajor, DeviceMinor, Inode),
                Links = Links,
                Mount = Mount,
                AccessedAt = new FileTime(AccessedSeconds, AccessedNanoseconds),
                ModifiedAt = new FileTime(ModifiedSeconds, ModifiedNanoseconds),
            };
        }
    }
}
