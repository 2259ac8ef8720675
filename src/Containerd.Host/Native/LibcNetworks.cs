using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Native;

/// <summary>Network namespaces, ports and bridges. Each function returns an error number, 0 for success.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class LibcNetworks
{
    internal const int ENODEV = 19;
    internal const int EADDRINUSE = 98;
    internal const int EADDRNOTAVAIL = 99;

    private const int EINVAL = 22;
    private const long NSFS_MAGIC = 0x6e736673;
    private const int CLONE_NEWNET = 0x40000000;
    private const int AF_INET = 2;
    private const int AF_INET6 = 10;
    private const int SOCK_STREAM = 1;
    private const int SOCK_DGRAM = 2;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int SOL_SOCKET = 1;
    private const int SO_REUSEADDR = 2;
    private const int IPPROTO_IPV6 = 41;
    private const int IPV6_V6ONLY = 26;
    private const nuint SIOCGIFFLAGS = 0x8913;
    private const nuint SIOCSIFFLAGS = 0x8914;
    private const nuint SIOCBRDELBR = 0x89a1;
    private const int NameLength = 28;
    private const int InterfaceName = 16;
    private const int InterfaceRequest = 40;
    private const short Up = 1;

    /// <summary>Whether a path is a namespace: a pin whose mount exists, and not only its file.</summary>
    internal static bool IsNamespace(string path)
    {
        using var handle = LibcMounts.Open(path, LibcMounts.O_RDONLY | LibcMounts.O_NOFOLLOW, out _);
        return handle is not null && LibcFiles.FileSystemType(handle) == NSFS_MAGIC;
    }

    /// <summary>The network namespace of a process as text, which identifies it; null if the process does not exist.</summary>
    /// <param name="process">A process id, or thread-self.</param>
    internal static string? NamespaceOf(string process) => new FileInfo($"/proc/{process}/ns/net").LinkTarget;

    /// <summary>Moves the calling thread to the mount and network namespaces of a process.</summary>
    internal static int Enter(int pid)
    {
        using var mounts = LibcMounts.Open($"/proc/{pid}/ns/mnt", LibcMounts.O_RDONLY, out var error);
        if (mounts is null)
            return error;
        using var network = LibcMounts.Open($"/proc/{pid}/ns/net", LibcMounts.O_RDONLY, out error);
        if (network is null)
            return error;
        // Threads that share their root and working directory cannot change the mount namespace.
        return
            LibcMounts.Unshare(LibcMounts.CLONE_FS) == 0
            && SetNamespace(network, CLONE_NEWNET) == 0
            && SetNamespace(mounts, LibcMounts.CLONE_NEWNS) == 0
            ? 0
            : Marshal.GetLastPInvokeError();
    }

    /// <summary>Tries to bind a port, as a server would; sockets that wait for the end of old connections do not count.</summary>
    /// <param name="udp">Whether it is a UDP port.</param>
    /// <param name="address">The address: 4 or 16 bytes.</param>
    /// <param name="port">The port.</param>
    internal static int TryBind(bool udp, ReadOnlySpan<byte> address, int port)
    {
        var ipv6 = address.Length == 16;
        var descriptor = Socket(FamilyOf(address), (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
        if (descriptor < 0)
            return Marshal.GetLastPInvokeError();
        using var socket = new SafeFileHandle(descriptor, ownsHandle: true);
        var one = 1;
        if (!udp)
            _ = SetOption(socket, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(int));
        if (ipv6)
            _ = SetOption(socket, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(int));
        Span<byte> name = stackalloc byte[NameLength];
        var length = WriteName(name, address, port);
        fixed (byte* text = name)
            return Bind(socket, text, length) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    private static int FamilyOf(ReadOnlySpan<byte> address) => address.Length == 16 ? AF_INET6 : AF_INET;

    /// <summary>
    /// Writes a struct sockaddr_in: family, port, address. A struct sockaddr_in6 has a flow label before the address, and a scope after it.
    /// </summary>
    /// <returns>Its length.</returns>
    private static uint WriteName(Span<byte> name, ReadOnlySpan<byte> address, int port)
    {
        var ipv6 = address.Length == 16;
        name.Clear();
        MemoryMarshal.Write(name, (short)FamilyOf(address));
        name[2] = (byte)(port >> 8);
        name[3] = (byte)port;
        address.CopyTo(name[(ipv6 ? 8 : 4)..]);
        return ipv6 ? 28u : 16u;
    }

    /// <summary>Creates a UDP socket in another network namespace, and connects it to an address.</summary>
    /// <param name="network">The path of the network namespace.</param>
    /// <param name="address">The address: 4 or 16 bytes.</param>
    /// <param name="port">The port.</param>
    /// <param name="error">The error number.</param>
    /// <returns>The socket; null if it cannot be created.</returns>
    internal static SafeFileHandle? ConnectDatagram(string network, byte[] address, int port, out int error)
    {
        SafeFileHandle? socket = null;
        var failure = 0;
        // A thread of its own, because its network namespace changes.
        var thread = new Thread(() =>
        {
            using var target = LibcMounts.Open(network, LibcMounts.O_RDONLY, out failure);
            if (target is null)
                return;
            var descriptor = SetNamespace(target, CLONE_NEWNET) == 0 ? Socket(FamilyOf(address), SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
            if (descriptor < 0)
            {
                failure = Marshal.GetLastPInvokeError();
                return;
            }

            var created = new SafeFileHandle(descriptor, ownsHandle: true);
            Span<byte> name = stackalloc byte[NameLength];
            var length = WriteName(name, address, port);
            fixed (byte* text = name)
                failure = Connect(created, text, length) == 0 ? 0 : Marshal.GetLastPInvokeError();
            if (failure == 0)
                socket = created;
            else
                created.Dispose();
        });
        thread.Start();
        thread.Join();
        error = failure;
        return socket;
    }

    /// <summary>Removes a bridge of the calling thread's network namespace.</summary>
    internal static int RemoveBridge(string name)
    {
        var bytes = System.Text.Encoding.ASCII.GetBytes(name);
        if (bytes.Length is 0 or >= InterfaceName)
            return EINVAL;
        var descriptor = Socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (descriptor < 0)
            return Marshal.GetLastPInvokeError();
        using var socket = new SafeFileHandle(descriptor, ownsHandle: true);
        var request = stackalloc byte[InterfaceRequest];
        new Span<byte>(request, InterfaceRequest).Clear();
        bytes.CopyTo(new Span<byte>(request, InterfaceName));
        // A bridge that is up cannot be removed.
        if (Control(socket, SIOCGIFFLAGS, request) != 0)
            return Marshal.GetLastPInvokeError();
        *(short*)(request + InterfaceName) &= ~Up;
        return Control(socket, SIOCSIFFLAGS, request) == 0 && Control(socket, SIOCBRDELBR, request) == 0
            ? 0
            : Marshal.GetLastPInvokeError();
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(SafeFileHandle handle, int type);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOption(SafeFileHandle socket, int level, int name, int* value, uint length);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    private static partial int Connect(SafeFileHandle socket, byte* address, uint length);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(SafeFileHandle socket, byte* address, uint length);

    // The third argument is variadic, which on the supported platforms is passed like any other.
    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle handle, nuint request, byte* argument);
}
