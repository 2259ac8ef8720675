using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Native;

/// <summary>The calls of the C library for named pipes, and for the helper program, that .NET does not offer.</summary>
internal static partial class Libc
{
    private const int ReadOnly = 0;
    private const int WriteOnly = 1;
    private const int ReadWrite = 2;
    private const int Create = 0x40;
    private const int AppendAlways = 0x400;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int NoSuchDeviceOrAddress = 6;
    private const int Termination = 15;
    private const int Ignore = 1;
    private const uint OwnerOnly = 0x180;

    /// <summary>Creates a named pipe that only its owner can open.</summary>
    internal static void MakeFifo(string path)
    {
        if (MkFifo(path, OwnerOnly) != 0)
            throw Failed($"The named pipe {path} could not be created");
    }

    /// <summary>Opens the reading end of a named pipe without waiting for a writer.</summary>
    internal static SafePipeHandle OpenFifoToRead(string path)
    {
        var descriptor = Open(path, ReadOnly | NonBlocking | CloseOnExec, 0);
        return descriptor >= 0 ? new SafePipeHandle(descriptor, ownsHandle: true) : throw Failed($"The named pipe {path} cannot be opened");
    }

    /// <summary>Opens the writing end of a named pipe, if a process has it open for reading.</summary>
    internal static SafePipeHandle? TryOpenFifoToWrite(string path)
    {
        var descriptor = Open(path, WriteOnly | NonBlocking | CloseOnExec, 0);
        if (descriptor >= 0)
            return new SafePipeHandle(descriptor, ownsHandle: true);
        return Marshal.GetLastPInvokeError() == NoSuchDeviceOrAddress ? null : throw Failed($"The named pipe {path} cannot be opened");
    }

    /// <summary>Opens a named pipe for reading. Because this end can write too, it never sees an end of the pipe.</summary>
    internal static SafeFileHandle OpenFifoToPoll(string path)
    {
        var descriptor = Open(path, ReadWrite | CloseOnExec, 0);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failed($"The named pipe {path} cannot be opened");
    }

    /// <summary>Opens a file to append to, and creates it for its owner alone where it does not exist.</summary>
    internal static SafeFileHandle OpenToAppend(string path)
    {
        var descriptor = Open(path, WriteOnly | Create | AppendAlways | CloseOnExec, OwnerOnly);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failed($"The file {path} cannot be opened");
    }

    /// <summary>Has this process ignore SIGTERM.</summary>
    internal static void IgnoreTermination() => _ = Signal(Termination, Ignore);

    private static IOException Failed(string what)
    {
        var code = Marshal.GetLastPInvokeError();
        return new IOException($"{what}: {Marshal.GetPInvokeErrorMessage(code)}.", code);
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MkFifo(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Signal(int number, nint handler);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);
}
