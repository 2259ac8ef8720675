using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Native;

/// <summary>The calls of the C library by which a file is watched that somebody else writes.</summary>
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
    /// Whether anybody has a file open for writing; null where the file system does not say. The kernel grants a lease to a reader only
    /// while there is no writer, which
    /// is asked for and given back at once.
    /// </summary>
    internal static bool? HasWriter(SafeFileHandle file)
    {
        // Whoever opens the file within the lease's moment waits, and we would get a SIGIO that ends the process: a signal that nobody
        // minds takes its place.
        if (Control(file, SetSignal, SigUrg) != 0)
            return null;
        if (Control(file, SetLease, ReadLease) != 0)
            return Marshal.GetLastPInvokeError() == TryAgain ? true : null;
        _ = Control(file, SetLease, NoLease);
        return false;
    }

    /// <summary>How many bytes of a pipe nobody has read yet.</summary>
    internal static int Unread(SafeHandle pipe) => IoControl(pipe, UnreadBytes, out var count) == 0 ? count : 0;

    /// <summary>A new inotify instance; null where the user has too many.</summary>
    internal static SafeFileHandle? OpenNotifier()
    {
        var descriptor = InotifyInit(CloseOnExec);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : null;
    }

    /// <summary>Watches a file for writes; below 0 where that is not to be had.</summary>
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
