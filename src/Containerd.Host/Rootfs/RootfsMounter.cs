using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Containerd.Host.Mounts;
using Containerd.Host.Native;

namespace Containerd.Host.Rootfs;

/// <summary>Mounts a snapshot in the mount namespace of the calling thread, read-only unless it will be written to.</summary>
[SupportedOSPlatform("linux")]
internal static class RootfsMounter
{
    internal static void Mount(SnapshotMount mount, string root, bool writable)
    {
        if (mount.Target.Trim('/').Length > 0)
            throw Unsupported($"it has a mount below its root, at '{mount.Target}'");
        var (flags, data) = MountOptions.Split(mount.Options);
        if (mount.Type is "bind" or "rbind" || (flags & LibcMounts.MS_BIND) != 0)
            MountBind(mount, root, flags, writable);
        else if (mount.Type == "overlay")
            MountOverlay(mount, root, flags, data, writable);
        else
            MountOther(mount, root, flags, data, writable);
    }

    private static void MountBind(SnapshotMount mount, string root, ulong flags, bool writable)
    {
        var bind = LibcMounts.MS_BIND | (mount.Type == "rbind" ? LibcMounts.MS_REC : flags & LibcMounts.MS_REC);
        Check(Try(mount.Source, root, null, bind, null), mount);
        if (!writable || (flags & LibcMounts.MS_RDONLY) != 0)
            MakeReadOnly(root, mount);
    }

    private static void MountOther(SnapshotMount mount, string root, ulong flags, List<string> data, bool writable)
    {
        if (data.Contains("loop"))
            throw Unsupported("it is a file with a filesystem in it");
        var text = string.Join(',', data);
        var error = Try(mount.Source, root, mount.Type, flags | (writable ? 0 : LibcMounts.MS_RDONLY), text);
        // A device that is already mounted for writing cannot be mounted read-only again, but the new mount can be made read-only.
        if (error == LibcMounts.EBUSY && (flags & LibcMounts.MS_RDONLY) == 0)
        {
            Check(Try(mount.Source, root, mount.Type, flags, text), mount);
            MakeReadOnly(root, mount);
            return;
        }
        Check(error, mount);
    }

    /// <summary>
    /// Mounts an overlay. If it is read-only, its upper directory becomes the first of the lower ones: it cannot be written to, and may be
    /// in use by a container.
    /// </summary>
    private static void MountOverlay(SnapshotMount mount, string root, ulong flags, List<string> data, bool writable)
    {
        var overlay = OverlayOptions.Parse(data);
        writable &= overlay.Upper is not null && overlay.Work is not null && (flags & LibcMounts.MS_RDONLY) == 0;
        if (overlay.RemoveIdMaps() && writable)
        {
            throw new CtrNotSupportedException(
                "The root file system cannot be written from here: its snapshotter maps user ids when a task is created."
            )
            {
                ErrorId = ErrorIds.RootfsNotReadable,
                Remedy = "Start the task of the container first.",
            };
        }

        if (!writable)
            overlay = overlay.ToReadOnly();
        if (overlay.Lower.Count == 0)
            throw Unsupported("its overlay has no layers");
        if (!writable && overlay.Lower.Count == 1)
        {
            MountBind(mount with { Source = overlay.Lower[0] }, root, 0, writable: false);
            return;
        }

        // Links with short names on a private tmpfs make all layers that the kernel allows fit.
        var text = (overlay.Fits ? overlay : overlay.WithLower(LinkLayers(overlay.Lower, root, mount))).ToString();
        var error = Try("overlay", root, "overlay", flags | (writable ? 0 : LibcMounts.MS_RDONLY), text);
        // The kernel's index feature rejects layers that another overlay writes to.
        if (error == LibcMounts.EBUSY && !writable && !overlay.Rest.Exists(option => option.StartsWith("index=", StringComparison.Ordinal)))
            error = Try("overlay", root, "overlay", flags | LibcMounts.MS_RDONLY, text + ",index=off");
        Check(error, mount);
    }

    private static List<string> LinkLayers(List<string> layers, string root, SnapshotMount mount)
    {
        Check(Try("tmpfs", root, "tmpfs", LibcMounts.MS_NOSUID | LibcMounts.MS_NODEV | LibcMounts.MS_NOEXEC, "mode=0700"), mount);
        var links = new List<string>(layers.Count);
        foreach (var layer in layers)
        {
            var name = links.Count.ToString(CultureInfo.InvariantCulture);
            File.CreateSymbolicLink(Path.Combine(root, name), layer);
            links.Add(name);
        }
        // Relative names are resolved from the working directory of the thread; that of the process is not changed.
        if (LibcMounts.ChangeDirectory(root) != 0)
            Check(Marshal.GetLastPInvokeError(), mount);
        return links;
    }

    private static void MakeReadOnly(string root, SnapshotMount mount) =>
        Check(
            Try(
                null,
                root,
                null,
                LibcMounts.MS_BIND | LibcMounts.MS_REMOUNT | LibcMounts.MS_RDONLY | LibcMounts.MS_NOSUID | LibcMounts.MS_NODEV,
                null
            ),
            mount
        );

    private static int Try(string? source, string target, string? type, ulong flags, string? data) =>
        LibcMounts.Mount(source, target, type, (nuint)flags, data) == 0 ? 0 : Marshal.GetLastPInvokeError();

    private static void Check(int error, SnapshotMount mount)
    {
        if (error != 0)
            throw RootfsReader.Failed($"The root filesystem cannot be mounted ({mount.Type} of '{mount.Source}')", error);
    }

    private static CtrNotSupportedException Unsupported(string why) =>
        new($"The root filesystem cannot be read: {why}.") { ErrorId = ErrorIds.RootfsNotReadable, Remedy = RootfsReader.NumericUserWorks };
}
