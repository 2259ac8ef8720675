using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Native;

/// <summary>Functions of the C library for named pipes that .NET does not offer.</summary>
internal static partial class Libc
{
    private const int ReadOnly = 0;
    private const int WriteOnly = 1;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int NoSuchDeviceOrAddress = 6;

    /// <summary>Creates a named pipe that only its owner can open.</summary>
    internal static void MakeFifo(string path)
    {
        if (MkFifo(path, 0x180) != 0)
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

    private static IOException Failed(string what)
    {
        var code = Marshal.GetLastPInvokeError();
        return new IOException($"{what}: {Marshal.GetPInvokeErrorMessage(code)}.", code);
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MkFifo(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);
}
