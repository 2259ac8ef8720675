using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Native;

/// <summary>Waits for a descriptor without reading from it, so that the wait can be cancelled without losing a byte.</summary>
internal static unsafe partial class LibcPoll
{
    private const int CloseOnExec = 0x80000;
    private const int Interrupted = 4;

    /// <summary>A descriptor that can be made readable at any time (eventfd).</summary>
    internal static SafeFileHandle MakeBell()
    {
        var descriptor = EventDescriptor(0, CloseOnExec);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException($"An eventfd cannot be created: {Marshal.GetLastPInvokeErrorMessage()}.");
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
            entries[0] = new PollEntry(descriptor);
            entries[1] = new PollEntry(bell);
            var ready = Poll(entries, 2, milliseconds);
            if (ready < 0)
                return Marshal.GetLastPInvokeError() == Interrupted ? Waited.Nothing : Waited.Gone;
            if (entries[1].Returned != 0)
                return Waited.Rung;
            if ((entries[0].Returned & PollEntry.Readable) != 0)
                return (entries[0].Returned & (PollEntry.Failed | PollEntry.HungUp)) != 0 ? Waited.LastInput : Waited.Input;
            return entries[0].Returned != 0 ? Waited.Gone : Waited.Nothing;
        }
        finally
        {
            bell.DangerousRelease();
        }
    }

    /// <summary>Waits until a descriptor has something to read, or is at its end, or the time limit is reached.</summary>
    /// <param name="handle">The descriptor.</param>
    /// <param name="milliseconds">The time limit; 0 to look once.</param>
    internal static bool IsReadable(SafeFileHandle handle, int milliseconds)
    {
        var entry = new PollEntry(handle);
        return Poll(&entry, 1, milliseconds) > 0;
    }

    /// <summary>Waits until one of several descriptors has something to read, or is at its end.</summary>
    internal static void WaitForAny(Span<PollEntry> entries)
    {
        fixed (PollEntry* first = entries)
        {
            int ready;
            do ready = Poll(first, (nuint)entries.Length, -1);
            while (ready < 0 && Marshal.GetLastPInvokeError() == Interrupted);
        }
    }

    /// <summary>Reads the available bytes.</summary>
    /// <returns>The number of bytes; -1 if the other end was closed.</returns>
    internal static int Read(int descriptor, Span<byte> buffer)
    {
        fixed (byte* at = buffer)
        {
            nint count;
            do count = Read(descriptor, at, (nuint)buffer.Length);
            while (count < 0 && Marshal.GetLastPInvokeError() == Interrupted);
            return (int)count;
        }
    }

    /// <inheritdoc cref="Read(int, Span{byte})"/>
    internal static int Read(SafeFileHandle handle, Span<byte> buffer) => Read((int)handle.DangerousGetHandle(), buffer);

    /// <summary>Writes to a pipe or to the end of a file that is open for appending.</summary>
    /// <returns>The number of bytes, which may be smaller than asked for; -1 on failure.</returns>
    internal static int Write(SafeFileHandle handle, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* at = bytes)
        {
            nint count;
            do count = Write(handle, at, (nuint)bytes.Length);
            while (count < 0 && Marshal.GetLastPInvokeError() == Interrupted);
            return (int)count;
        }
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeFileHandle descriptor, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventDescriptor(uint value, int flags);

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
