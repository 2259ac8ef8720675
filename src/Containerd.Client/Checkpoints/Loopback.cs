using System.Runtime.Versioning;
using Containerd.Client.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Client;

/// <summary>
/// A container with a network namespace of its own gets a new one when it is restored, and nobody brings its loopback interface up, as the runtime does
/// when a container is created.
/// </summary>
internal static class Loopback
{
    /// <summary>Brings the loopback interface of a process's network namespace up, as far as we may.</summary>
    [SupportedOSPlatform("linux")]
    internal static void Raise(int pid)
    {
        // A thread of its own, which takes the other namespace with it when it ends.
        var thread = new Thread(() =>
        {
            try
            {
                RaiseHere(pid);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The process has ended, or is another user's.
            }
        })
        { IsBackground = true, Name = "Loopback" };
        thread.Start();
        thread.Join();
    }

    [SupportedOSPlatform("linux")]
    private static unsafe void RaiseHere(int pid)
    {
        using var space = File.OpenHandle($"/proc/{pid}/ns/net");
        if (LibcNetwork.SetNamespace(space, LibcNetwork.CLONE_NEWNET) != 0)
            return;
        var descriptor = LibcNetwork.Socket(LibcNetwork.AF_INET, LibcNetwork.SOCK_DGRAM | LibcNetwork.SOCK_CLOEXEC, 0);
        if (descriptor < 0)
            return;
        using var socket = new SafeFileHandle(descriptor, ownsHandle: true);
        var flags = default(LibcNetwork.InterfaceFlags);
        flags.Name[0] = (byte)'l';
        flags.Name[1] = (byte)'o';
        if (LibcNetwork.Control(socket, (nuint)LibcNetwork.SIOCGIFFLAGS, ref flags) != 0)
            return;
        flags.Flags |= LibcNetwork.IFF_UP;
        _ = LibcNetwork.Control(socket, (nuint)LibcNetwork.SIOCSIFFLAGS, ref flags);
    }
}
