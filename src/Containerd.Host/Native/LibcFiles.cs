using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Native;

/// <summary>
/// Access to files by handles and by names as bytes: .NET's own functions use text and complete paths, and could follow a link that another
/// process swaps in. Each function returns an error number, 0 for success.
/// </summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class LibcFiles
{
    internal const int ESRCH = 3;
    internal const int EINTR = 4;
    internal const int EIO = 5;
    internal const int ENOEXEC = 8;
    internal const int ETXTBSY = 26;
    internal const int EEXIST = 17;
    internal const int EISDIR = 21;
    internal const int ENOSPC = 28;
    internal const int ESPIPE = 29;
    internal const int EROFS = 30;
    internal const int ENXIO = 6;
    internal const int EDQUOT = 122;
    internal const int ESTALE = 116;

    internal const int O_WRONLY = 1;
    internal const int O_RDWR = 2;
    internal const int O_CREAT = 0x40;
    internal const int O_EXCL = 0x80;
    internal const int O_TRUNC = 0x200;
    internal const int O_NONBLOCK = 0x800;

    private const int AT_FDCWD = -100;
    private const int AT_REMOVEDIR = 0x200;
    private const int AT_SYMLINK_FOLLOW = 0x400;
    private const int AT_EMPTY_PATH = 0x1000;

    private const int SEEK_END = 2;
    private const int SEEK_DATA = 3;
    private const int SEEK_HOLE = 4;

    private const int PathMax = 4096;

    // The kernel's limit for one file.
    private const int AttributesMax = 65536;

    // After inode, offset, length and type, on every 64-bit Linux.
    private const int DirectoryEntryName = 19;

    /// <summary>The user who owns new files.</summary>
    internal static uint User { get; } = GetEffectiveUserId();

    /// <summary>Opens or creates an item of a directory by name.</summary>
    internal static SafeFileHandle? Open(SafeFileHandle folder, ReadOnlySpan<byte> name, int flags, uint mode, out int error)
    {
        int fd;
        fixed (byte* text = Terminated(name))
            fd = OpenAt(folder, text, flags | LibcMounts.O_CLOEXEC, mode);
        error = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
        return fd < 0 ? null : new SafeFileHandle(fd, ownsHandle: true);
    }

    /// <summary>Reopens the file of a handle for reading or writing: the same file, even if it was moved.</summary>
    internal static SafeFileHandle? Reopen(SafeFileHandle handle, int flags, out int error) =>
        LibcMounts.Open(Self(handle), flags, out error);

    /// <summary>
    /// Locks a file or folder as long as the handle is open and the process is running (flock). The lock works across pid namespaces.
    /// </summary>
    /// <param name="file">A handle that was not opened with O_PATH.</param>
    /// <param name="shared">Whether others can hold the lock too, if they share it.</param>
    /// <returns>Whether the lock was acquired.</returns>
    internal static bool TryLock(SafeFileHandle file, bool shared = false) => TryLock(file, shared, out _);

    /// <inheritdoc cref="TryLock(SafeFileHandle, bool)"/>
    /// <param name="file">The file.</param>
    /// <param name="shared">Whether others can share the lock.</param>
    /// <param name="error">The error number if the file system cannot lock it; 0 if it is locked now, or by another process.</param>
    internal static bool TryLock(SafeFileHandle file, bool shared, out int error)
    {
        const int Shared = 1;
        const int Exclusive = 2;
        const int AtOnce = 4;
        do error = Error(FLock(file, (shared ? Shared : Exclusive) | AtOnce));
        while (error == EINTR);
        var isLocked = error == 0;
        if (error == LibcMounts.EAGAIN)
            error = 0;
        return isLocked;
    }

    /// <summary>Locks a byte of a file, which need not have it, as long as the handle is open and the process is running (fcntl).</summary>
    /// <param name="file">The file, which is open for writing.</param>
    /// <param name="position">The position of the byte.</param>
    /// <param name="isSupported">Whether the file system can lock it.</param>
    /// <returns>Whether it is locked; false if another handle has the lock.</returns>
    internal static bool TryLockByte(SafeFileHandle file, long position, out bool isSupported)
    {
        const int SetLock = 37; // F_OFD_SETLK
        const short Write = 1; // F_WRLCK
        var range = new FileRange
        {
            Type = Write,
            Start = position,
            Length = 1,
        };
        int error;
        do error = Error(FControl(file, SetLock, &range));
        while (error == EINTR);
        isSupported = error is 0 or LibcMounts.EAGAIN or LibcMounts.EACCES;
        return error == 0;
    }

    /// <summary>Locks a folder as long as the handle is open and the process is running (flock).</summary>
    /// <returns>The handle; null if another process holds the lock or the folder does not exist.</returns>
    internal static SafeFileHandle? LockFolder(string path)
    {
        var folder = LibcMounts.Open(path, LibcMounts.O_RDONLY | LibcMounts.O_DIRECTORY | LibcMounts.O_NOFOLLOW, out _);
        if (folder is null || TryLock(folder))
            return folder;
        folder.Dispose();
        return null;
    }

    internal static int MakeDirectory(SafeFileHandle folder, ReadOnlySpan<byte> name, uint mode)
    {
        fixed (byte* text = Terminated(name))
            return Error(MkDirAt(folder, text, mode));
    }

    internal static int MakeSymbolicLink(SafeFileHandle folder, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target)
    {
        fixed (
            byte* text = Terminated(name),
                to = Terminated(target)
        )
            return Error(SymLinkAt(to, folder, text));
    }

    /// <summary>Creates a device node or a named pipe.</summary>
    internal static int MakeNode(SafeFileHandle folder, ReadOnlySpan<byte> name, uint mode, uint major, uint minor)
    {
        var device =
            ((ulong)(major & 0xFFFFF000) << 32) | ((ulong)(major & 0xFFF) << 8) | ((ulong)(minor & 0xFFFFFF00) << 12) | (minor & 0xFF);
        fixed (byte* text = Terminated(name))
            return Error(MkNodAt(folder, text, mode, device));
    }

    /// <summary>Creates a hard link to a file.</summary>
    internal static int MakeHardLink(SafeFileHandle file, SafeFileHandle folder, ReadOnlySpan<byte> name)
    {
        fixed (
            byte* text = Terminated(name),
                from = Terminated(System.Text.Encoding.ASCII.GetBytes(Self(file)))
        )
            return Error(LinkAt(AT_FDCWD, from, folder, text, AT_SYMLINK_FOLLOW));
    }

    internal static int Rename(SafeFileHandle folder, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to) => Rename(folder, from, folder, to);

    internal static int Rename(SafeFileHandle folder, ReadOnlySpan<byte> from, SafeFileHandle target, ReadOnlySpan<byte> to)
    {
        fixed (
            byte* old = Terminated(from),
                text = Terminated(to)
        )
            return Error(RenameAt(folder, old, target, text));
    }

    internal static int Remove(SafeFileHandle folder, ReadOnlySpan<byte> name, bool directory)
    {
        fixed (byte* text = Terminated(name))
            return Error(UnlinkAt(folder, text, directory ? AT_REMOVEDIR : 0));
    }

    /// <summary>Deletes a file, if it exists and can be deleted.</summary>
    internal static void Delete(string path) => _ = Unlink(path);

    /// <summary>Reads the target of a symbolic link by handle.</summary>
    internal static byte[]? ReadLink(SafeFileHandle link, out int error) => ReadLink(link, [], out error);

    /// <summary>Reads the target of a symbolic link in a directory.</summary>
    internal static byte[]? ReadLink(SafeFileHandle folder, ReadOnlySpan<byte> name, out int error)
    {
        var buffer = new byte[PathMax];
        nint length;
        fixed (
            byte* text = Terminated(name),
                target = buffer
        )
            length = ReadLinkAt(folder, text, target, (nuint)buffer.Length);
        error = length < 0 ? Marshal.GetLastPInvokeError() : 0;
        return length < 0 ? null : buffer[..(int)length];
    }

    /// <summary>The path of a handle according to the kernel; null if it has none.</summary>
    internal static byte[]? PathOf(SafeFileHandle handle)
    {
        using var self = LibcMounts.Open("/proc/self/fd", LibcMounts.O_PATH, out _);
        return self is null ? null : ReadLink(self, System.Text.Encoding.ASCII.GetBytes($"{handle.DangerousGetHandle()}"), out _);
    }

    /// <summary>The names in a directory, without . and ...</summary>
    internal static List<byte[]>? List(SafeFileHandle folder, out int error)
    {
        var names = new List<byte[]>();
        var opened = Open(folder, "."u8, LibcMounts.O_RDONLY | LibcMounts.O_DIRECTORY, 0, out error);
        if (opened is null)
            return null;
        var stream = FdOpenDir((int)opened.DangerousGetHandle());
        if (stream == 0)
        {
            error = Marshal.GetLastPInvokeError();
            opened.Dispose();
            return null;
        }

        // The stream closes it.
        opened.SetHandleAsInvalid();
        try
        {
            while (ReadDir(stream) is var entry && entry != 0)
            {
                var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)entry + DirectoryEntryName);
                if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                    names.Add(name.ToArray());
            }

            error = Marshal.GetLastPInvokeError();
            return error == 0 ? names : null;
        }
        finally
        {
            _ = CloseDir(stream);
        }
    }

    internal static int SetOwner(SafeFileHandle handle, uint uid, uint gid)
    {
        fixed (byte* none = Terminated([]))
            return Error(FChOwnAt(handle, none, uid, gid, AT_EMPTY_PATH));
    }

    internal static int SetMode(SafeFileHandle handle, uint mode) => Error(ChMod(Self(handle), mode));

    /// <summary>Sets the times of access and modification. For a symbolic link, those of the link itself.</summary>
    internal static int SetTimes(SafeFileHandle handle, FileTime accessed, FileTime modified)
    {
        var times = stackalloc nint[4]
        {
            (nint)accessed.Seconds,
            (nint)accessed.Nanoseconds,
            (nint)modified.Seconds,
            (nint)modified.Nanoseconds,
        };
        return Error(UTimeNsAt(AT_FDCWD, Self(handle), times, 0));
    }

    /// <summary>The names of a file's extended attributes; none if they are not supported.</summary>
    internal static List<byte[]> ListAttributes(SafeFileHandle handle)
    {
        var names = new List<byte[]>();
        var buffer = new byte[AttributesMax];
        nint length;
        fixed (byte* list = buffer)
            length = ListXAttr(Self(handle), list, (nuint)buffer.Length);
        var rest = buffer.AsSpan(0, (int)Math.Max(0, length));
        while (rest.IndexOf((byte)0) is var end and > 0)
        {
            names.Add(rest[..end].ToArray());
            rest = rest[(end + 1)..];
        }

        return names;
    }

    /// <summary>The value of an extended attribute; null if it does not exist or cannot be read.</summary>
    internal static byte[]? GetAttribute(SafeFileHandle handle, byte[] name)
    {
        var buffer = new byte[AttributesMax];
        nint length;
        fixed (
            byte* text = Terminated(name),
                value = buffer
        )
            length = GetXAttr(Self(handle), text, value, (nuint)buffer.Length);
        return length < 0 ? null : buffer[..(int)length];
    }

    internal static int SetAttribute(SafeFileHandle handle, byte[] name, byte[] value)
    {
        fixed (
            byte* text = Terminated(name),
                data = value
        )
            return Error(SetXAttr(Self(handle), text, data, (nuint)value.Length, 0));
    }

    internal static int RemoveAttribute(SafeFileHandle handle, byte[] name)
    {
        fixed (byte* text = Terminated(name))
            return Error(RemoveXAttr(Self(handle), text));
    }

    /// <summary>The start of the next data; -1 with ENXIO if there is none.</summary>
    internal static long SeekData(SafeFileHandle file, long from, out int error) => Seek(file, from, SEEK_DATA, out error);

    /// <summary>The start of the next hole, which may be the end of the file.</summary>
    internal static long SeekHole(SafeFileHandle file, long from, out int error) => Seek(file, from, SEEK_HOLE, out error);

    /// <summary>The length of a file.</summary>
    internal static long LengthOf(SafeFileHandle file) => Math.Max(Seek(file, 0, SEEK_END, out _), 0);

    internal static nint Read(SafeFileHandle file, Span<byte> buffer, long offset, out int error)
    {
        nint done;
        fixed (byte* into = buffer)
        {
            do
            {
                done = PRead(file, into, (nuint)buffer.Length, offset);
                error = done < 0 ? Marshal.GetLastPInvokeError() : 0;
            } while (error == EINTR);
        }

        return done;
    }

    internal static nint Write(SafeFileHandle file, ReadOnlySpan<byte> data, long offset, out int error)
    {
        nint done;
        fixed (byte* from = data)
        {
            do
            {
                done = PWrite(file, from, (nuint)data.Length, offset);
                error = done < 0 ? Marshal.GetLastPInvokeError() : 0;
            } while (error == EINTR);
        }

        return done;
    }

    /// <summary>Copies between two files at the same offset in the kernel; file systems that support it share the blocks.</summary>
    internal static nint CopyRange(SafeFileHandle from, SafeFileHandle to, long offset, long length, out int error)
    {
        var (source, target) = (offset, offset);
        var done = CopyFileRange(from, &source, to, &target, (nuint)length, 0);
        error = done < 0 ? Marshal.GetLastPInvokeError() : 0;
        return done;
    }

    internal static int SetLength(SafeFileHandle file, long length) => Error(FTruncate(file, length));

    /// <summary>The kernel's number for the type of a file system (statfs, f_type); 0 if it is not known.</summary>
    internal static long FileSystemType(SafeFileHandle handle)
    {
        // It is the first field of struct statfs, which is shorter than this on all platforms.
        var buffer = stackalloc long[32];
        return StatFs(Self(handle), buffer) == 0 ? buffer[0] : 0;
    }

    /// <summary>Whether the file system of a path forbids to execute programs (statfs, f_flags).</summary>
    internal static bool IsMountedNoExec(string path)
    {
        const int Flags = 10;
        const long NoExec = 8;
        var buffer = stackalloc long[32];
        return StatFs(path, buffer) == 0 && (buffer[Flags] & NoExec) != 0;
    }

    private static string Self(SafeFileHandle handle) => $"/proc/self/fd/{handle.DangerousGetHandle()}";

    private static byte[] Terminated(ReadOnlySpan<byte> text) => [.. text, 0];

    private static int Error(int result) => result < 0 ? Marshal.GetLastPInvokeError() : 0;

    private static long Seek(SafeFileHandle file, long offset, int whence, out int error)
    {
        var found = LSeek(file, offset, whence);
        error = found < 0 ? Marshal.GetLastPInvokeError() : 0;
        return found;
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    private static partial int OpenAt(SafeFileHandle folder, byte* name, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true)]
    private static partial int MkDirAt(SafeFileHandle folder, byte* name, uint mode);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FControl(SafeFileHandle file, int command, FileRange* range);

    // struct flock of 64-bit systems.
    [StructLayout(LayoutKind.Sequential)]
    private struct FileRange
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int Process;
    }

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int FLock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true)]
    private static partial int SymLinkAt(byte* target, SafeFileHandle folder, byte* name);

    [LibraryImport("libc", EntryPoint = "mknodat", SetLastError = true)]
    private static partial int MkNodAt(SafeFileHandle folder, byte* name, uint mode, ulong device);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true)]
    private static partial int LinkAt(int fromFolder, byte* from, SafeFileHandle folder, byte* name, int flags);

    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true)]
    private static partial int RenameAt(SafeFileHandle fromFolder, byte* from, SafeFileHandle toFolder, byte* to);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    private static partial int UnlinkAt(SafeFileHandle folder, byte* name, int flags);

    [LibraryImport("libc", EntryPoint = "unlink", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unlink(string path);

    [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true)]
    private static partial nint ReadLinkAt(SafeFileHandle folder, byte* name, byte* buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "fdopendir", SetLastError = true)]
    private static partial nint FdOpenDir(int fd);

    [LibraryImport("libc", EntryPoint = "readdir", SetLastError = true)]
    private static partial nint ReadDir(nint stream);

    [LibraryImport("libc", EntryPoint = "closedir")]
    private static partial int CloseDir(nint stream);

    [LibraryImport("libc", EntryPoint = "fchownat", SetLastError = true)]
    private static partial int FChOwnAt(SafeFileHandle folder, byte* name, uint uid, uint gid, int flags);

    [LibraryImport("libc", EntryPoint = "chmod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChMod(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "utimensat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UTimeNsAt(int folder, string path, nint* times, int flags);

    [LibraryImport("libc", EntryPoint = "listxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ListXAttr(string path, byte* list, nuint size);

    [LibraryImport("libc", EntryPoint = "getxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetXAttr(string path, byte* name, byte* value, nuint size);

    [LibraryImport("libc", EntryPoint = "setxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetXAttr(string path, byte* name, byte* value, nuint size, int flags);

    [LibraryImport("libc", EntryPoint = "removexattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RemoveXAttr(string path, byte* name);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long LSeek(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    private static partial nint PRead(SafeFileHandle file, byte* buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    private static partial nint PWrite(SafeFileHandle file, byte* buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "copy_file_range", SetLastError = true)]
    private static partial nint CopyFileRange(
        SafeFileHandle from,
        long* fromOffset,
        SafeFileHandle to,
        long* toOffset,
        nuint length,
        uint flags
    );

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int FTruncate(SafeFileHandle file, long length);

    [LibraryImport("libc", EntryPoint = "statfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatFs(string path, long* buffer);
}
