using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Client.Native;

/// <summary>The calls that reach into another network namespace.</summary>
internal static partial class LibcNetwork
{
    internal const int CLONE_NEWNET = 0x40000000;
    internal const int AF_INET = 2;
    internal const int SOCK_DGRAM = 2;
    internal const int SOCK_CLOEXEC = 0x80000;
    internal const ulong SIOCGIFFLAGS = 0x8913;
    internal const ulong SIOCSIFFLAGS = 0x8914;
    internal const short IFF_UP = 1;

    /// <summary>struct ifreq, as the two calls for an interface's flags use it.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 40)]
    internal unsafe struct InterfaceFlags
    {
        internal fixed byte Name[16];
        internal short Flags;
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    internal static partial int SetNamespace(SafeFileHandle descriptor, int type);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    internal static partial int Socket(int domain, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Control(SafeFileHandle descriptor, nuint request, ref InterfaceFlags argument);
}
