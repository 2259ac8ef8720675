using System.Globalization;
using System.Runtime.Versioning;
using Containerd.Client.Images;
using Containerd.Client.Transport;
using Containerd.Host;
using Containerd.Host.Files;
using Containerd.Host.Mounts;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Client.Workloads.Files;

/// <summary>
/// Opens the root directory of a container on this machine: that of its running task, with all its mounts, or else its snapshot.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class ContainerRoot
{
    private const int Attempts = 5;

    /// <summary>Opens it.</summary>
    /// <param name="ns">The namespace of the container.</param>
    /// <param name="id">Its id.</param>
    /// <param name="writable">Whether it is opened for writing: otherwise a snapshot is mounted read-only.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    internal static async Task<FileRoot> OpenAsync(ImageScope ns, string id, bool writable, CancellationToken cancellationToken)
    {
        var daemon = await DaemonHost
            .RequireAsync(ns.Connection, "Files can be copied", ("Tar", "run tar in the container and read its output."), cancellationToken)
            .ConfigureAwait(false);
        var container = await ns.ContainerRecords.GetAsync(id, cancellationToken).ConfigureAwait(false);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var task = await ns.TaskRecords.FindAsync(id, cancellationToken).ConfigureAwait(false);
            if (task is null or { Pid: 0 } or { Status: CtrStatus.Stopped })
                return await OpenAtRestAsync(ns, container, task, daemon, writable, cancellationToken).ConfigureAwait(false);
            if (!daemon.SharesProcessIds())
                throw NotReachable(id, "its daemon numbers processes in a namespace of its own");
            var process = LibcMounts.Open(Folder(task.Pid), LibcMounts.O_PATH | LibcMounts.O_DIRECTORY, out var error);
            if (process is null && error != LibcMounts.ENOENT)
                throw NotAllowed(id, error);
            if (process is null)
                continue;
            if (await OpenRunningAsync(ns, container, task, process, daemon, cancellationToken).ConfigureAwait(false) is { } root)
                return root;
            process.Dispose();
        }

        throw NotReachable(id, "its task starts and ends all the time");
    }

    /// <summary>Opens the root of a task's process.</summary>
    /// <returns>Null if the process has exited in the meantime.</returns>
    private static async Task<FileRoot?> OpenRunningAsync(
        ImageScope ns,
        CtrContainer container,
        CtrTask task,
        SafeFileHandle process,
        LocalDaemon daemon,
        CancellationToken cancellationToken
    )
    {
        // The folder still belongs to the process for which it was opened, and that was the task's if the task still has it.
        var again = await ns.TaskRecords.FindAsync(container.ContainerId, cancellationToken).ConfigureAwait(false);
        if (again is null or { Status: CtrStatus.Stopped } || again.Pid != task.Pid)
            return null;
        var mounts = LibcFiles.ReadLink(process, "ns/mnt"u8, out _);
        using var host = LibcMounts.Open(Folder(daemon.Pid), LibcMounts.O_PATH | LibcMounts.O_DIRECTORY, out _);
        // It is not a container of this kernel, but for example a virtual machine. Its root would be that of the host.
        if (
            mounts is not null
            && host is not null
            && LibcFiles.ReadLink(host, "ns/mnt"u8, out _) is { } hosts
            && mounts.AsSpan().SequenceEqual(hosts)
        )
            throw NotReachable(container.ContainerId, "its runtime keeps them out of the host's sight");
        try
        {
            var ids = IdMap.OfProcess($"/proc/self/fd/{process.DangerousGetHandle()}");
            var root = LibcFiles.Open(process, "root"u8, LibcMounts.O_PATH | LibcMounts.O_DIRECTORY, 0, out var error);
            if (root is not null)
                return FileRoot.Running(root, process, container, ids);
            return error is LibcMounts.ENOENT or LibcFiles.ESRCH ? null : throw NotAllowed(container.ContainerId, error);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or IOException)
        {
            return null;
        }
    }

    private static async Task<FileRoot> OpenAtRestAsync(
        ImageScope ns,
        CtrContainer container,
        CtrTask? task,
        LocalDaemon daemon,
        bool writable,
        CancellationToken cancellationToken
    )
    {
        if (container.SnapshotKey.Length == 0)
            return FileRoot.AtRest(OpenDirectory(container), container);
        var mounts = await ns.Snapshots.MountsAsync(container.Snapshotter, container.SnapshotKey, cancellationToken).ConfigureAwait(false);
        // A task that has exited but was not deleted still has it mounted, and an overlay must not be written through two mounts.
        if (task is not null && MountOf(mounts, daemon) is { } mounted)
            return FileRoot.AtRest(mounted, container);
        try
        {
            var (root, mount) = RootfsReader.Open(mounts, writable);
            return FileRoot.AtRest(root, container, mount);
        }
        catch (CtrException e) when (e.ErrorId == ErrorIds.RootfsNotReadable)
        {
            throw e is CtrPermissionException
                ? new CtrPermissionException(e.Message, e)
                {
                    ErrorId = e.ErrorId,
                    Subject = container.ContainerId,
                    RemedyId = "AsRoot",
                    Remedy = "Run as root on the daemon's host.",
                }
                : new CtrNotSupportedException(e.Message, e)
                {
                    ErrorId = e.ErrorId,
                    Subject = container.ContainerId,
                    RemedyId = "StartTask",
                    Remedy = "Start its task: the files of a running container can be read with any snapshotter.",
                };
        }
    }

    /// <summary>The directory of a container that has no snapshot.</summary>
    private static SafeFileHandle OpenDirectory(CtrContainer container)
    {
        var path = container.Spec?.Root?.Path;
        if (path is null || !Path.IsPathRooted(path))
            throw NotReachable(container.ContainerId, "it has neither a snapshot nor a root directory that its spec names in full");
        return LibcMounts.Open(path, LibcMounts.O_PATH | LibcMounts.O_DIRECTORY, out var error)
            ?? throw (
                error == LibcMounts.ENOENT
                    ? new CtrNotFoundException($"The root directory '{path}' of container '{container.ContainerId}' does not exist.")
                    {
                        ErrorId = ErrorIds.RootfsNotFound,
                        Subject = path,
                        Remedy = "Check the path on the daemon's host.",
                    }
                    : NotAllowed(container.ContainerId, error)
            );
    }

    /// <summary>The root of an overlay on the daemon's host, found by its writable directory.</summary>
    private static SafeFileHandle? MountOf(IReadOnlyList<SnapshotMount> mounts, LocalDaemon daemon)
    {
        const string Upper = "upperdir=";
        if (
            mounts is not [{ Type: "overlay" } overlay]
            || overlay.Options.FirstOrDefault(o => o.StartsWith(Upper, StringComparison.Ordinal)) is not { } upper
        )
            return null;
        var mount = MountTable
            .Read(Folder(daemon.Pid) + "/mountinfo")
            .FirstOrDefault(e => e.Type == "overlay" && e.Options.Contains(upper, StringComparer.Ordinal));
        return mount is null
            ? null
            : LibcMounts.Open($"{Folder(daemon.Pid)}/root{mount.Point}", LibcMounts.O_PATH | LibcMounts.O_DIRECTORY, out _);
    }

    private static string Folder(int pid) => string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}");

    private static CtrNotSupportedException NotReachable(string id, string why) =>
        new($"The files of container '{id}' cannot be reached from here: {why}.")
        {
            ErrorId = ErrorIds.RootfsNotReachable,
            Subject = id,
            Remedy = "Run tar in the container and read its output.",
        };

    private static CtrPermissionException NotAllowed(string id, int error) =>
        new($"The files of container '{id}' cannot be reached: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(error)}.")
        {
            ErrorId = ErrorIds.FilePermissionDenied,
            Subject = id,
            RemedyId = "AsRoot",
            Remedy = "Run as root on the daemon's host.",
        };
}
