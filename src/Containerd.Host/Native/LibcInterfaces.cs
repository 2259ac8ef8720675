using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Native;

/// <summary>The properties of network interfaces, in the network namespace of the calling thread.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class LibcInterfaces
{
    private const int AF_UNIX = 1;
    private const int SOCK_DGRAM = 2;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int CLONE_NEWNET = 0x40000000;
    private const nuint SIOCGIFMTU = 0x8921;

    // struct ifreq: a name of 16 bytes, and a union.
    private const int NameSize = 16;
    private const int RequestSize = 40;

    /// <summary>Moves the calling thread, which must end afterwards, to a network namespace.</summary>
    /// <param name="path">Its file, such as /proc/1/ns/net.</param>
    internal static void Enter(string path)
    {
        using var file = File.OpenHandle(path);
        if (SetNamespace(file, CLONE_NEWNET) != 0)
            throw Failed("The network namespace cannot be entered");
    }

    /// <summary>The maximum size of a packet on an interface; null if it does not exist.</summary>
    internal static int? Mtu(string name)
    {
        Span<byte> request = stackalloc byte[RequestSize];
        request.Clear();
        if (Encoding.UTF8.GetByteCount(name) >= NameSize)
            return null;
        Encoding.UTF8.GetBytes(name, request);
        var descriptor = Socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (descriptor < 0)
            throw Failed("A socket cannot be created");
        using var socket = new SafeFileHandle(descriptor, ownsHandle: true);
        fixed (byte* data = request)
            return Control(socket, SIOCGIFMTU, data) == 0 ? BinaryPrimitives.ReadInt32LittleEndian(request[NameSize..]) : null;
    }

    private static IOException Failed(string what) => new($"{what}: {Marshal.GetLastPInvokeErrorMessage()}.");

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(SafeFileHandle file, int kind);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int domain, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle socket, nuint code, byte* request);
}
