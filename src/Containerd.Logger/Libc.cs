using System.Runtime.InteropServices;

namespace Containerd.Logger;

/// <summary>What poll(2) watches.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollFd(int descriptor)
{
    private const short In = 1;
    private const short Error = 8;
    private const short HangUp = 16;

    private int _descriptor = descriptor;
    private readonly short _events = In;
    private readonly short _returned = 0;

    internal readonly int Descriptor => _descriptor;

    internal readonly bool IsOpen => _descriptor >= 0;

    internal readonly bool IsReady => IsOpen && (_returned & (In | Error | HangUp)) != 0;

    /// <summary>poll(2) ignores negative descriptors.</summary>
    internal void Close() => _descriptor = -1;
}

/// <summary>The C library, on plain descriptors.</summary>
internal static unsafe partial class Libc
{
    internal const int Stdout = 3;
    internal const int Stderr = 4;
    internal const int Ready = 5;

    private const int WriteOnly = 1;
    private const int ReadWrite = 2;
    private const int Create = 0x40;
    private const int AppendAlways = 0x400;
    private const int CloseOnExec = 0x80000;
    private const int OwnerOnly = 0x180;
    private const int Interrupted = 4;
    private const int LockExclusive = 2;
    private const int LockOrFail = 4;
    private const int WouldBlock = 11;
    private const int Termination = 15;
    private const int Ignore = 1;
    private const nuint UnreadBytes = 0x541B;

    internal static int OpenToAppend(string path) => Require(open(path, WriteOnly | Create | AppendAlways | CloseOnExec, OwnerOnly), path);

    /// <summary>Opens a named pipe for reading. It is also a writer, so that it never gets the end.</summary>
    internal static int OpenToPoll(string path) => Require(open(path, ReadWrite | CloseOnExec, 0), path);

    internal static void IgnoreTermination() => signal(Termination, Ignore);

    internal static void ChangeFolder(string path) => Require(chdir(path), path);

    internal static int Read(int descriptor, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            nint count;
            do count = read(descriptor, start, (nuint)buffer.Length);
            while (count < 0 && Marshal.GetLastPInvokeError() == Interrupted);
            return (int)Math.Max(count, 0);
        }
    }

    internal static int Write(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            nint count;
            do count = write(descriptor, start, (nuint)bytes.Length);
            while (count < 0 && Marshal.GetLastPInvokeError() == Interrupted);
            return (int)count;
        }
    }

    /// <summary>Waits until one of them is ready.</summary>
    internal static void Poll(Span<PollFd> polled)
    {
        fixed (PollFd* start = polled)
        {
            int count;
            do count = poll(start, (nuint)polled.Length, -1);
            while (count < 0 && Marshal.GetLastPInvokeError() == Interrupted);
        }
    }

    /// <summary>The number of pending bytes in a pipe.</summary>
    internal static int Unread(int pipe) => ioctl(pipe, UnreadBytes, out var count) == 0 ? count : 0;

    internal static long Length(int descriptor) => Math.Max(lseek(descriptor, 0, 2), 0);

    internal static void Truncate(int descriptor, long length) => _ = ftruncate(descriptor, length);

    /// <summary>Changes the owner of a pipe, for both of its ends.</summary>
    internal static void SetOwner(int descriptor, uint uid, uint gid) => Require(fchown(descriptor, uid, gid), "fchown");

    internal static void Close(int descriptor) => _ = close(descriptor);

    internal static void Delete(string path) => _ = unlink(path);

    /// <summary>Whether a file has readers, which hold a shared lock on it.</summary>
    internal static bool IsLocked(string path)
    {
        var descriptor = open(path, CloseOnExec, 0);
        if (descriptor < 0)
            return false;
        var locked = flock(descriptor, LockExclusive | LockOrFail) != 0 && Marshal.GetLastPInvokeError() == WouldBlock;
        Close(descriptor);
        return locked;
    }

    private static int Require(int result, string subject) =>
        result >= 0 ? result : throw new IOException($"{subject}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

#pragma warning disable IDE1006 // The C library's own names.
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(PollFd* descriptors, nuint count, int milliseconds);

    [LibraryImport("libc")]
    private static partial nint signal(int number, nint handler);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chdir(string path);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int descriptor, nuint request, out int value);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(int descriptor, int operation);

    [LibraryImport("libc")]
    private static partial long lseek(int descriptor, long offset, int from);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchown(int descriptor, uint uid, uint gid);

    [LibraryImport("libc")]
    private static partial int ftruncate(int descriptor, long length);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int unlink(string path);
#pragma warning restore IDE1006
}
