using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Native;

/// <summary>
/// The connections that the kernel tracks, in the calling thread's network namespace (netlink). It sends the packets of a known connection
/// where the rules sent its first one, whatever the rules are now.
/// </summary>
[SupportedOSPlatform("linux")]
internal static partial class LibcConntrack
{
    private const int AF_NETLINK = 16;
    private const int SOCK_RAW = 3;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int NETLINK_NETFILTER = 12;
    private const byte AF_INET = 2;
    private const byte AF_INET6 = 10;
    private const ushort Table = 1 << 8;
    private const ushort New = Table;
    private const ushort Get = Table | 1;
    private const ushort Delete = Table | 2;
    private const ushort Request = 1;
    private const ushort Acknowledge = 4;
    private const ushort Dump = 0x300;
    private const ushort Error = 2;
    private const ushort Done = 3;
    private const int Header = 16;
    private const int Start = Header + 4;
    private const int AttributeHeader = 4;
    private const ushort Nested = 0x8000;
    private const ushort TypeMask = 0x3fff;
    private const ushort Original = 1;
    private const ushort Reply = 2;
    private const ushort Zone = 18;
    private const ushort Addresses = 1;
    private const ushort Protocol = 2;
    private const ushort Source4 = 1;
    private const ushort Source6 = 3;
    private const ushort ProtocolNumber = 1;
    private const ushort SourcePort = 2;
    private const byte Udp = 17;
    private const int SOL_SOCKET = 1;
    private const int SO_RCVTIMEO = 20;
    private const long Patience = 3;
    private const int BufferSize = 1 << 16;

    /// <summary>
    /// Forgets the connections of UDP to ports of a host, so that the next datagram goes where the rules say now. A kernel without this
    /// interface forgets them by itself after some time without datagrams.
    /// </summary>
    /// <param name="address">The address.</param>
    /// <param name="ports">The ports.</param>
    internal static void Forget(IPAddress address, IReadOnlyCollection<int> ports)
    {
        var descriptor = Socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
        if (descriptor < 0)
            return;
        using var socket = new SafeFileHandle(descriptor, ownsHandle: true);
        // An answer that was lost must not keep the lock of the networks.
        var limit = new TimeLimit { Seconds = Patience };
        if (SetOption(socket, SOL_SOCKET, SO_RCVTIMEO, limit, Marshal.SizeOf<TimeLimit>()) != 0)
            return;
        var family = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? AF_INET6 : AF_INET;
        foreach (var found in Find(socket, family, address.GetAddressBytes(), ports))
        {
            // The answer of a connection that has just ended is an error.
            if (Send(socket, Delete, Request | Acknowledge, family, found))
                _ = Receive(socket);
        }
    }

    /// <returns>What names each connection in a request.</returns>
    private static List<byte[]> Find(SafeFileHandle socket, byte family, byte[] address, IReadOnlyCollection<int> ports)
    {
        var found = new List<byte[]>();
        if (!Send(socket, Get, Request | Dump, family, []))
            return found;
        while (Receive(socket) is { Length: > 0 } packet)
        {
            for (var at = 0; at + Header <= packet.Length; )
            {
                var length = (int)MemoryMarshal.Read<uint>(packet.AsSpan(at));
                var type = MemoryMarshal.Read<ushort>(packet.AsSpan(at + 4));
                if (type is Error or Done || length < Header || at + length > packet.Length)
                    return found;
                if (type == New && length > Start && Name(packet.AsSpan(at + Start, length - Start), address, ports) is { } name)
                    found.Add(name);
                at += Align(length);
            }
        }

        return found;
    }

    private static byte[]? Name(ReadOnlySpan<byte> connection, byte[] address, IReadOnlyCollection<int> ports)
    {
        var reply = Content(connection, Reply);
        var addresses = Content(reply, Addresses);
        var protocol = Content(reply, Protocol);
        if (
            !Content(protocol, ProtocolNumber).SequenceEqual([Udp])
            || !Content(addresses, address.Length == sizeof(uint) ? Source4 : Source6).SequenceEqual(address)
            || Content(protocol, SourcePort) is not { Length: sizeof(ushort) } port
            || !ports.Contains(BinaryPrimitives.ReadUInt16BigEndian(port))
        )
            return null;
        byte[] name = Attribute(Original | Nested, Content(connection, Original));
        return Content(connection, Zone) is { Length: > 0 } zone ? [.. name, .. Attribute(Zone, zone)] : name;
    }

    /// <summary>The content of an attribute; empty if there is none.</summary>
    private static ReadOnlySpan<byte> Content(ReadOnlySpan<byte> attributes, ushort type)
    {
        while (attributes.Length >= AttributeHeader)
        {
            var length = MemoryMarshal.Read<ushort>(attributes);
            if (length < AttributeHeader || length > attributes.Length)
                return [];
            if ((MemoryMarshal.Read<ushort>(attributes[2..]) & TypeMask) == type)
                return attributes[AttributeHeader..length];
            attributes = attributes[Math.Min(Align(length), attributes.Length)..];
        }

        return [];
    }

    private static byte[] Attribute(int type, ReadOnlySpan<byte> content)
    {
        var attribute = new byte[Align(AttributeHeader + content.Length)];
        MemoryMarshal.Write(attribute, (ushort)(AttributeHeader + content.Length));
        MemoryMarshal.Write(attribute.AsSpan(2), (ushort)type);
        content.CopyTo(attribute.AsSpan(AttributeHeader));
        return attribute;
    }

    private static bool Send(SafeFileHandle socket, ushort type, int flags, byte family, byte[] attributes)
    {
        var message = new byte[Start + attributes.Length];
        MemoryMarshal.Write(message, (uint)message.Length);
        MemoryMarshal.Write(message.AsSpan(4), type);
        MemoryMarshal.Write(message.AsSpan(6), (ushort)flags);
        message[Header] = family;
        attributes.CopyTo(message, Start);
        return Write(socket, message, message.Length) == message.Length;
    }

    private static byte[] Receive(SafeFileHandle socket)
    {
        var buffer = new byte[BufferSize];
        while (true)
        {
            var length = Read(socket, buffer, buffer.Length);
            if (length > 0)
                return buffer[..(int)length];
            if (length == 0 || Marshal.GetLastPInvokeError() != LibcFiles.EINTR)
                return [];
        }
    }

    private static int Align(int length) => (length + 3) & ~3;

    [LibraryImport("libc", EntryPoint = "socket")]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "setsockopt")]
    private static partial int SetOption(SafeFileHandle socket, int level, int option, in TimeLimit value, int length);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(SafeFileHandle file, ReadOnlySpan<byte> content, nint length);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeFileHandle file, Span<byte> content, nint length);

    // struct timeval of 64-bit systems.
    [StructLayout(LayoutKind.Sequential)]
    private struct TimeLimit
    {
        public long Seconds;
        public long Microseconds;
    }
}
