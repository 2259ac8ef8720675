using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Native;

/// <summary>Network interfaces, in the network namespace of the calling thread.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class LibcNetwork
{
    private const int AF_UNIX = 1;
    private const int SOCK_DGRAM = 2;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int CLONE_NEWNET = 0x40000000;
    private const int ENXIO = 6;
    private const int ENODEV = 19;

    private const nuint SIOCGIFFLAGS = 0x8913;
    private const nuint SIOCSIFFLAGS = 0x8914;
    private const nuint SIOCGIFMTU = 0x8921;
    private const nuint SIOCBRDELBR = 0x89a1;

    private const short IFF_UP = 1;

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
        using var socket = Open();
        return Call(socket, SIOCGIFMTU, name, request) ? BinaryPrimitives.ReadInt32LittleEndian(request[NameSize..]) : null;
    }

    /// <summary>Removes a bridge.</summary>
    /// <returns>Whether it no longer exists.</returns>
    internal static bool RemoveBridge(string name)
    {
        Span<byte> request = stackalloc byte[RequestSize];
        using var socket = Open();
        if (!Call(socket, SIOCGIFFLAGS, name, request))
            return Marshal.GetLastPInvokeError() is ENODEV or ENXIO;
        var flags = BinaryPrimitives.ReadInt16LittleEndian(request[NameSize..]);
        BinaryPrimitives.WriteInt16LittleEndian(request[NameSize..], (short)(flags & ~IFF_UP));
        // A bridge that is up cannot be removed.
        return Call(socket, SIOCSIFFLAGS, name, request) && Call(socket, SIOCBRDELBR, name, request);
    }

    private static bool Call(SafeFileHandle socket, nuint code, string name, Span<byte> request)
    {
        request[..NameSize].Clear();
        if (Encoding.UTF8.GetByteCount(name) >= NameSize)
            throw new ArgumentException("The name of an interface has at most 15 bytes.", nameof(name));
        Encoding.UTF8.GetBytes(name, request);
        // The request to remove a bridge is the name alone, which is the start of the same structure.
        fixed (byte* data = request)
            return Control(socket, code, data) == 0;
    }

    private static SafeFileHandle Open()
    {
        var socket = Socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        return socket >= 0 ? new SafeFileHandle(socket, ownsHandle: true) : throw Failed("A socket cannot be created");
    }

    private static IOException Failed(string what) => new($"{what}: {Marshal.GetLastPInvokeErrorMessage()}.");

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(SafeFileHandle file, int kind);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int domain, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle socket, nuint code, byte* request);
}
