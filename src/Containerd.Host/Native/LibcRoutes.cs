using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Native;

/// <summary>Default routes of a network namespace. Each function returns an error number, 0 for success.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class LibcRoutes
{
    internal const int EEXIST = 17;

    private const int CLONE_NEWNET = 0x40000000;
    private const int AF_INET = 2;
    private const int AF_INET6 = 10;
    private const int SOCK_DGRAM = 2;
    private const int SOCK_CLOEXEC = 0x80000;
    private const nuint SIOCADDRT = 0x890b;
    private const nuint SIOCDELRT = 0x890c;
    private const nuint SIOCGIFINDEX = 0x8933;
    private const int InterfaceName = 16;
    private const int InterfaceRequest = 40;
    private const int LongestGateway = 16;
    private const ushort Up = 1;
    private const ushort Gateway = 2;

    /// <summary>Runs an action in a network namespace, on a thread of its own, which ends with it.</summary>
    /// <param name="path">The namespace, such as a pin.</param>
    /// <param name="action">The action.</param>
    internal static int InNamespace(string path, Func<int> action)
    {
        var error = 0;
        var thread = new Thread(() =>
        {
            using var handle = LibcMounts.Open(path, LibcMounts.O_RDONLY, out error);
            if (handle is null)
                return;
            error = SetNamespace(handle, CLONE_NEWNET) == 0 ? action() : Marshal.GetLastPInvokeError();
        });
        thread.Start();
        thread.Join();
        return error;
    }

    /// <summary>Adds or removes a default route, in the calling thread's network namespace.</summary>
    /// <param name="isAdded">Whether it is added.</param>
    /// <param name="name">The interface.</param>
    /// <param name="family">The address family.</param>
    /// <param name="gateway">The gateway; null for a route without one.</param>
    /// <param name="metric">The metric: of several routes, that with the lowest is used. 0 for the kernel's own, or for any.</param>
    internal static int ChangeDefault(bool isAdded, string name, AddressFamily family, IPAddress? gateway, int metric)
    {
        var v6 = family == AddressFamily.InterNetworkV6;
        var descriptor = Socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (descriptor < 0)
            return Marshal.GetLastPInvokeError();
        using var socket = new SafeFileHandle(descriptor, ownsHandle: true);
        var device = stackalloc byte[InterfaceRequest];
        new Span<byte>(device, InterfaceRequest).Clear();
        System.Text.Encoding.ASCII.GetBytes(name).AsSpan(0, Math.Min(name.Length, InterfaceName - 1)).CopyTo(new(device, InterfaceName));
        if (Control(socket, SIOCGIFINDEX, device) != 0)
            return Marshal.GetLastPInvokeError();
        var address = new Span<byte>(new byte[LongestGateway]);
        gateway?.TryWriteBytes(address, out _);
        if (v6)
        {
            var route = new Route6
            {
                Metric = (uint)metric,
                Flags = Flags(gateway),
                Index = *(int*)(device + InterfaceName),
            };
            address.CopyTo(new Span<byte>(route.GatewayAddress, LongestGateway));
            return Control(socket, isAdded ? SIOCADDRT : SIOCDELRT, (byte*)&route) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }

        var route4 = new Route4
        {
            Destination = new() { Family = AF_INET },
            Via = new() { Family = AF_INET, Address = MemoryMarshal.Read<uint>(address) },
            Mask = new() { Family = AF_INET },
            Flags = Flags(gateway),
            // The kernel subtracts one; 0 means that none is specified.
            Metric = (short)(metric == 0 ? 0 : metric + 1),
            Device = (nint)device,
        };
        return Control(socket, isAdded ? SIOCADDRT : SIOCDELRT, (byte*)&route4) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    private static ushort Flags(IPAddress? gateway) => gateway is null ? Up : (ushort)(Up | Gateway);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(SafeFileHandle handle, int type);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    // The third argument is variadic, which on the supported platforms is passed like any other.
    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle handle, nuint request, byte* argument);

    /// <summary>struct sockaddr_in.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Address4
    {
        public ushort Family;
        public ushort Port;
        public uint Address;
        public ulong Padding;
    }

    /// <summary>struct rtentry, on 64-bit platforms.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Route4
    {
        public nuint Padding1;
        public Address4 Destination;
        public Address4 Via;
        public Address4 Mask;
        public ushort Flags;
        public short Padding2;
        public nuint Padding3;
        public nint Padding4;
        public short Metric;
        public nint Device;
        public nuint Mtu;
        public nuint Window;
        public ushort RoundTrip;
    }

    /// <summary>struct in6_rtmsg.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Route6
    {
        public fixed byte DestinationAddress[16];
        public fixed byte SourceAddress[16];
        public fixed byte GatewayAddress[16];
        public uint Type;
        public ushort DestinationLength;
        public ushort SourceLength;
        public uint Metric;
        public nuint Info;
        public uint Flags;
        public int Index;
    }
}
