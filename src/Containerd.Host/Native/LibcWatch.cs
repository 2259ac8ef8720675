using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Native;

/// <summary>Functions of the C library for watching a file that another process writes.</summary>
internal static partial class LibcWatch
{
    private const int SetSignal = 10;
    private const int SetLease = 1024;
    private const int ReadLease = 0;
    private const int NoLease = 2;
    private const int TryAgain = 11;
    private const int SigUrg = 23;
    private const int CloseOnExec = 0x80000;
    private const nuint UnreadBytes = 0x541B;
    private const uint Modified = 0x2;
    private const uint ClosedByWriter = 0x8;

    /// <summary>
    /// Whether any process has a file open for writing; null if the file system does not report it. The kernel grants a lease to a reader
    /// only while there is no writer; the lease is requested and released immediately.
    /// </summary>
    internal static bool? HasWriter(SafeFileHandle file)
    {
        // A process that opens the file during the lease waits, and we would get a SIGIO, which ends the process: a harmless signal is used
        // instead.
        if (Control(file, SetSignal, SigUrg) != 0)
            return null;
        if (Control(file, SetLease, ReadLease) != 0)
            return Marshal.GetLastPInvokeError() == TryAgain ? true : null;
        _ = Control(file, SetLease, NoLease);
        return false;
    }

    /// <summary>The number of unread bytes in a pipe.</summary>
    internal static int Unread(SafeHandle pipe) => IoControl(pipe, UnreadBytes, out var count) == 0 ? count : 0;

    /// <summary>Creates an inotify instance; null if the user has too many.</summary>
    internal static SafeFileHandle? OpenNotifier()
    {
        var descriptor = InotifyInit(CloseOnExec);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : null;
    }

    /// <summary>Watches a file for writes; negative if that is not available.</summary>
    internal static int AddWatch(SafeFileHandle notifier, string path) => InotifyAddWatch(notifier, path, Modified | ClosedByWriter);

    internal static void RemoveWatch(SafeFileHandle notifier, int watch) => _ = InotifyRemoveWatch(notifier, watch);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoControl(SafeHandle file, nuint request, out int value);

    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    private static partial int InotifyInit(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int InotifyAddWatch(SafeFileHandle notifier, string path, uint events);

    [LibraryImport("libc", EntryPoint = "inotify_rm_watch", SetLastError = true)]
    private static partial int InotifyRemoveWatch(SafeFileHandle notifier, int watch);
}
