using System.Runtime.Versioning;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Files;

/// <summary>One side of a copy: the files of a container, which no path leads out of, or those of the host.</summary>
[SupportedOSPlatform("linux")]
internal sealed class FileRoot : IDisposable
{
    private FileRoot(SafeFileHandle handle) => Handle = handle;

    /// <summary>The root directory.</summary>
    internal SafeFileHandle Handle { get; }

    /// <summary>The container; null for the host.</summary>
    internal CtrContainer? Container { get; private init; }

    /// <summary>How the container's users and groups are numbered on the host.</summary>
    internal IdMap Ids { get; private init; } = IdMap.None;

    /// <summary>What the container has mounted while its task runs, and does not now.</summary>
    internal IReadOnlyList<CtrSpecMount> Hidden { get; private init; } = [];

    /// <summary>The folder of /proc of the process whose root it is; null where none runs.</summary>
    internal SafeFileHandle? Process { get; private init; }

    /// <summary>What keeps the mount that the root is in; null where somebody else does.</summary>
    internal SafeFileHandle? Mount { get; private init; }

    /// <summary>Whether the container's root file system is one that it can only read.</summary>
    internal bool IsReadOnly => Container?.Spec?.Root?.Readonly == true;

    /// <summary>The process whose root this is has ended, and what it had mounted is gone.</summary>
    internal bool HasEnded =>
        Process is not null && LibcFiles.ReadLink(Process, "exe"u8, out var error) is null && error is LibcMounts.ENOENT or LibcFiles.ESRCH;

    internal static FileRoot Host() => new(LibcMounts.Open("/", LibcMounts.O_PATH | LibcMounts.O_DIRECTORY, out _)!);

    /// <summary>The root of a running process.</summary>
    internal static FileRoot Running(SafeFileHandle root, SafeFileHandle process, CtrContainer container, IdMap ids) =>
        new(root)
        {
            Container = container,
            Process = process,
            Ids = ids,
        };

    /// <summary>The root of a container in which nothing runs.</summary>
    internal static FileRoot AtRest(SafeFileHandle root, CtrContainer container, SafeFileHandle? mount = null) =>
        new(root)
        {
            Container = container,
            Mount = mount,
            Ids = IdMap.Of(container.Spec),
            Hidden = container.Spec?.Mounts ?? [],
        };

    /// <summary>A path of this side as people write it.</summary>
    internal string Show(ReadOnlySpan<byte> path) =>
        Container is null ? FileName.Show(path) : $"{Container.ContainerId}:{FileName.Show(path)}";

    /// <summary>Finds what a path leads to, links included.</summary>
    /// <param name="path">The path, absolute.</param>
    /// <param name="follow">Whether a link at its end is followed.</param>
    /// <param name="error">Why there is nothing.</param>
    internal FileNode? Find(byte[] path, bool follow, out int error)
    {
        var flags = LibcMounts.O_PATH | (follow ? 0 : LibcMounts.O_NOFOLLOW);
        var handle = Container is null
            ? LibcFiles.Open(Handle, path, flags, 0, out error)
            : LibcMounts.OpenInRoot(Handle, path, flags, out error);
        return handle is null ? null : new FileNode(handle);
    }

    /// <summary>
    /// As <see cref="Find"/>, but what is not there is an error, and so is what is mounted there only while the container runs.
    /// </summary>
    internal FileNode Require(byte[] path, bool follow)
    {
        RequireVisible(FileName.Normalize(path), path);
        var found = Find(path, follow, out var error);
        if (found is null)
            throw FileErrors.Failed(error, this, Show(path), "opened");
        if (Hidden.Count > 0)
            RequireVisible(PathOf(found), path);
        return found;
    }

    /// <summary>The path of what was found, from this root, without any link.</summary>
    internal byte[] PathOf(FileNode node)
    {
        var (root, path) = (LibcFiles.PathOf(Handle), LibcFiles.PathOf(node.Handle));
        if (root is null || path is null || !FileName.IsAtOrBelow(path, root))
            return [];
        root = root.AsSpan().TrimEnd((byte)'/').ToArray();
        return path.Length == root.Length ? [(byte)'/'] : path[root.Length..];
    }

    /// <summary>The mounts of files or directories of the host that a tree would have if the container ran.</summary>
    internal IEnumerable<CtrSpecMount> HiddenBelow(byte[] folder) =>
        Hidden.Where(m => m.Type == "bind" && m.Destination != "/" && FileName.IsAtOrBelow(MountPoint(m), folder));

    public void Dispose()
    {
        Handle.Dispose();
        Process?.Dispose();
        Mount?.Dispose();
    }

    /// <summary>Refuses what the container mounts over while it runs: what lies there now is not what it will see.</summary>
    /// <param name="real">The path, without links.</param>
    /// <param name="path">The path as it was given.</param>
    internal void RequireVisible(byte[] real, byte[] path)
    {
        foreach (var mount in Hidden)
        {
            if (mount.Destination != "/" && FileName.IsAtOrBelow(real, MountPoint(mount)))
                throw FileErrors.Hidden(this, Show(path), mount);
        }
    }

    /// <summary>Where a mount comes to lie: links in its path count.</summary>
    private byte[] MountPoint(CtrSpecMount mount)
    {
        var path = FileName.Parse("/" + mount.Destination);
        using var found = Find(path, follow: true, out _);
        return found is not null && PathOf(found) is { Length: > 0 } real ? real : FileName.Normalize(path);
    }
}
