using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Containerd.Host.Native;

namespace Containerd.Host.Mounts;

/// <summary>Mounts a snapshot so that it is visible to all processes of this machine.</summary>
[SupportedOSPlatform("linux")]
internal static class HostMounter
{
    /// <summary>Mounts a snapshot on a directory, in order; after a failure the mounts so far are undone.</summary>
    /// <returns>The number of mounts on the directory itself.</returns>
    internal static int Mount(IReadOnlyList<SnapshotMount> mounts, string path, bool readOnly)
    {
        var count = 0;
        ExceptionDispatchInfo? failure = null;
        // A separate thread with its own working directory: layers with long names are mounted by relative paths.
        var thread = new Thread(() =>
        {
            try
            {
                if (LibcMounts.Unshare(LibcMounts.CLONE_FS) != 0)
                    throw Failed("A thread with its own working directory could not be created", Marshal.GetLastPInvokeError(), path);
                count = MountAll(mounts, path, readOnly);
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        })
        {
            IsBackground = true,
            Name = "Snapshot mounter",
        };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return count;
    }

    /// <summary>Unmounts the topmost mount of a directory.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="lazy">Whether it is detached even if it is in use: it disappears immediately, and ends with its last user.</param>
    internal static void Unmount(string path, bool lazy)
    {
        if (LibcMounts.Unmount(path, LibcMounts.UMOUNT_NOFOLLOW | (lazy ? LibcMounts.MNT_DETACH : 0)) == 0)
            return;
        var error = Marshal.GetLastPInvokeError();
        throw error == LibcMounts.EBUSY
            ? new CtrConflictException($"The mount on '{path}' is in use: a process has an open file or its working directory there.")
            {
                ErrorId = ErrorIds.MountBusy,
                Subject = path,
                Remedy = "End the processes that use it, or unmount it lazily.",
            }
            : Failed($"The mount on '{path}' cannot be removed", error, path);
    }

    private static int MountAll(IReadOnlyList<SnapshotMount> mounts, string path, bool readOnly)
    {
        var done = new Stack<string>();
        try
        {
            foreach (var mount in mounts)
            {
                var target = mount.Target.Trim('/') is { Length: > 0 } below ? Path.Combine(path, below) : path;
                done.Push(target);
                MountOne(mount, target, readOnly);
            }

            return done.Count(t => t == path);
        }
        catch
        {
            // The last one may have been mounted, but not made read-only.
            while (done.TryPop(out var target))
            {
                if (MountTable.Count(target) > 0)
                    _ = LibcMounts.Unmount(target, LibcMounts.UMOUNT_NOFOLLOW | LibcMounts.MNT_DETACH);
            }

            throw;
        }
    }

    private static void MountOne(SnapshotMount mount, string target, bool readOnly)
    {
        var (flags, data) = MountOptions.Split(mount.Options);
        if (readOnly)
            flags |= LibcMounts.MS_RDONLY;
        if (mount.Type is "bind" or "rbind" || (flags & LibcMounts.MS_BIND) != 0)
        {
            MountBind(mount, mount.Source, target, flags);
            return;
        }

        if (mount.Type == "overlay")
        {
            MountOverlay(mount, target, flags, data, readOnly);
            return;
        }

        if (data.Contains("loop"))
        {
            throw new CtrNotSupportedException(
                $"The snapshot cannot be mounted: it is a file that contains a file system ('{mount.Source}')."
            )
            {
                ErrorId = ErrorIds.MountNotSupported,
                Subject = target,
                Remedy = $"Mount it with: mount -t {mount.Type} -o {string.Join(',', mount.Options)} {mount.Source} {target}",
            };
        }

        Try(mount, mount.Source, target, flags, string.Join(',', data));
    }

    private static void MountBind(SnapshotMount mount, string source, string target, ulong flags)
    {
        var recursive = mount.Type == "rbind" ? LibcMounts.MS_REC : flags & LibcMounts.MS_REC;
        Try(mount with { Type = "bind" }, source, target, LibcMounts.MS_BIND | recursive, null);
        // The kernel accepts other flags of a bind mount only once it is mounted.
        var others = flags & ~(LibcMounts.MS_BIND | LibcMounts.MS_REC);
        if (others != 0)
            Try(mount with { Type = "bind" }, source, target, LibcMounts.MS_BIND | LibcMounts.MS_REMOUNT | others, null);
    }

    private static void MountOverlay(SnapshotMount mount, string target, ulong flags, List<string> data, bool readOnly)
    {
        var overlay = OverlayOptions.Parse(data);
        if (overlay.RemoveIdMaps() && !readOnly)
        {
            throw new CtrNotSupportedException(
                "The snapshot can only be mounted read-only: its snapshotter maps user ids when a task is created."
            )
            {
                ErrorId = ErrorIds.MountNotSupported,
                Subject = target,
                Remedy = "Mount it read-only. While the task runs, its files can be written through the container.",
            };
        }

        if (readOnly)
        {
            overlay = overlay.ToReadOnly();
            if (overlay.Lower.Count == 1)
            {
                MountBind(mount, overlay.Lower[0], target, flags);
                return;
            }
        }

        if (!overlay.Fits && CommonFolder(overlay.Lower) is { Length: > 1 } folder)
        {
            if (LibcMounts.ChangeDirectory(folder) != 0)
                throw Failed($"The folder '{folder}' of the layers cannot be entered", Marshal.GetLastPInvokeError(), target);
            overlay = overlay.WithLower(overlay.Lower.Select(layer => layer[(folder.Length + 1)..]));
        }

        Try(mount, mount.Source.Length > 0 ? mount.Source : "overlay", target, flags, overlay.ToString());
    }

    /// <summary>The deepest common parent folder of all paths; empty for none.</summary>
    private static string CommonFolder(List<string> paths)
    {
        var folder = Path.GetDirectoryName(paths[0]) ?? "";
        while (folder.Length > 1 && !paths.TrueForAll(path => path.StartsWith(folder + "/", StringComparison.Ordinal)))
            folder = Path.GetDirectoryName(folder) ?? "";
        return folder;
    }

    private static void Try(SnapshotMount mount, string source, string target, ulong flags, string? data)
    {
        if (LibcMounts.Mount(source, target, mount.Type, (nuint)flags, data) != 0)
            throw Failed(
                $"The snapshot cannot be mounted ({mount.Type} of '{source}' on '{target}')",
                Marshal.GetLastPInvokeError(),
                target
            );
    }

    private static CtrException Failed(string what, int error, string path)
    {
        var message = $"{what}: {Marshal.GetPInvokeErrorMessage(error)}.";
        return error is LibcMounts.EPERM or LibcMounts.EACCES
            ? new CtrPermissionException(message)
            {
                ErrorId = ErrorIds.MountNotPermitted,
                Subject = path,
                Remedy = "Run as root on the daemon's host.",
            }
            : new CtrRuntimeException(message) { ErrorId = ErrorIds.MountFailed, Subject = path };
    }
}
