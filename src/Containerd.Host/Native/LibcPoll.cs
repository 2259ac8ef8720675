using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Native;

/// <summary>Waits for a descriptor without reading from it, so that the wait can be cancelled without losing a byte.</summary>
internal static unsafe partial class LibcPoll
{
    private const short Readable = 1;
    private const short Failed = 8;
    private const short HungUp = 16;
    private const int CloseOnExec = 0x80000;
    private const int Interrupted = 4;

    /// <summary>A descriptor that can be made readable at any time (eventfd).</summary>
    internal static SafeFileHandle MakeBell()
    {
        var descriptor = EventDescriptor(0, CloseOnExec);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException($"No eventfd can be made: {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    internal static void Ring(SafeFileHandle bell)
    {
        var one = 1UL;
        _ = Write(bell, &one, sizeof(ulong));
    }

    /// <summary>Waits until a descriptor is readable, the bell rings, or the time limit is reached.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="bell">The descriptor that ends the wait.</param>
    /// <param name="milliseconds">The time limit; -1 for none.</param>
    internal static Waited Wait(int descriptor, SafeFileHandle bell, int milliseconds)
    {
        var held = false;
        bell.DangerousAddRef(ref held);
        try
        {
            var entries = stackalloc PollEntry[2];
            entries[0] = new PollEntry { Descriptor = descriptor, Events = Readable };
            entries[1] = new PollEntry { Descriptor = (int)bell.DangerousGetHandle(), Events = Readable };
            var ready = Poll(entries, 2, milliseconds);
            if (ready < 0)
                return Marshal.GetLastPInvokeError() == Interrupted ? Waited.Nothing : Waited.Gone;
            if (entries[1].Returned != 0)
                return Waited.Rung;
            if ((entries[0].Returned & Readable) != 0)
                return (entries[0].Returned & (Failed | HungUp)) != 0 ? Waited.LastInput : Waited.Input;
            return entries[0].Returned != 0 ? Waited.Gone : Waited.Nothing;
        }
        finally
        {
            bell.DangerousRelease();
        }
    }

    /// <summary>Reads the available bytes.</summary>
    /// <returns>The number of bytes; -1 if the other end was closed.</returns>
    internal static int Read(int descriptor, Span<byte> buffer)
    {
        fixed (byte* at = buffer)
            return (int)Read(descriptor, at, (nuint)buffer.Length);
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeFileHandle descriptor, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventDescriptor(uint value, int flags);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        internal int Descriptor;
        internal short Events;
        internal short Returned;
    }

    /// <summary>The result of a wait.</summary>
    internal enum Waited
    {
        /// <summary>The time limit was reached.</summary>
        Nothing,

        /// <summary>Data is available.</summary>
        Input,

        /// <summary>Data or the end is available, and nothing will follow.</summary>
        LastInput,

        /// <summary>The bell was rung.</summary>
        Rung,

        /// <summary>No data can arrive.</summary>
        Gone,
    }
}
