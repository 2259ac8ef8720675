using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Containerd.Host.Native;
using Containerd.Host.Networks.Plugins;

namespace Containerd.Host.Networks.Attachments;

/// <summary>
/// A bind mount of a container's network namespace, which keeps it after the container's last process: without it, plugins cannot remove
/// everything.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class NetworkPin
{
    private const uint OwnerOnly = 0x180;
    private const int MostMounts = 16;

    /// <summary>Pins the network namespace of a process.</summary>
    internal static void Create(string path, int pid)
    {
        using (
            var folder = LibcMounts.Open(Path.GetDirectoryName(path)!, LibcMounts.O_RDONLY | LibcMounts.O_DIRECTORY, out var error)
                ?? throw NetworkStateErrors.Failed($"The folder of '{path}' cannot be opened", error)
        )
        {
            using var file = LibcFiles.Open(
                folder,
                System.Text.Encoding.UTF8.GetBytes(Path.GetFileName(path)),
                LibcFiles.O_WRONLY | LibcFiles.O_CREAT | LibcFiles.O_EXCL,
                OwnerOnly,
                out error
            ) ?? throw NetworkStateErrors.Failed($"The file '{path}' cannot be created", error);
        }

        if (LibcMounts.Mount($"/proc/{pid}/ns/net", path, null, (nuint)LibcMounts.MS_BIND, null) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            LibcFiles.Delete(path);
            throw NetworkStateErrors.Failed($"The network namespace of process {pid} cannot be mounted on '{path}'", error);
        }
    }

    /// <summary>Removes a pin, if it exists.</summary>
    internal static void Remove(string path)
    {
        for (var i = 0; i < MostMounts && LibcMounts.Unmount(path, LibcMounts.MNT_DETACH | LibcMounts.UMOUNT_NOFOLLOW) == 0; i++) { }

        LibcFiles.Delete(path);
    }
}
