using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Client.Native;

/// <summary>The calls of the C library that named pipes need and that .NET does not offer.</summary>
internal static partial class Libc
{
    internal const int ReadOnly = 0;
    internal const int WriteOnly = 1;
    internal const int NonBlocking = 0x800;
    internal const int CloseOnExec = 0x80000;
    internal const int NoSuchDeviceOrAddress = 6;

    /// <summary>Makes a named pipe that only its owner may open.</summary>
    internal static void MakeFifo(string path)
    {
        if (MkFifo(path, 0x180) != 0)
            throw Failed($"The named pipe {path} cannot be made");
    }

    /// <summary>Opens one end of a named pipe without waiting for the other.</summary>
    internal static SafePipeHandle OpenFifo(string path, int mode)
    {
        var descriptor = Open(path, mode | NonBlocking | CloseOnExec, 0);
        return descriptor >= 0 ? new SafePipeHandle(descriptor, ownsHandle: true) : throw Failed($"The named pipe {path} cannot be opened");
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
