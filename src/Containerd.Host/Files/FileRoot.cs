using System.Runtime.Versioning;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Files;

/// <summary>One side of a copy: the files of a container, confined to its root, or those of the host.</summary>
[SupportedOSPlatform("linux")]
internal sealed class FileRoot : IDisposable
{
    private FileRoot(SafeFileHandle handle) => Handle = handle;

    /// <summary>The root directory.</summary>
    internal SafeFileHandle Handle { get; }

    /// <summary>The container; null for the host.</summary>
    internal CtrContainer? Container { get; private init; }

    /// <summary>The mapping of the container's users and groups to the host.</summary>
    internal IdMap Ids { get; private init; } = IdMap.None;

    /// <summary>The mounts that the container has only while its task is running, if it is not running.</summary>
    internal IReadOnlyList<CtrSpecMount> Hidden { get; private init; } = [];

    /// <summary>The folder in /proc of the process whose root it is; null if none is running.</summary>
    internal SafeFileHandle? Process { get; private init; }

    /// <summary>The handle that keeps the mount of the root; null if it is kept otherwise.</summary>
    internal SafeFileHandle? Mount { get; private init; }

    /// <summary>Whether the root file system of the container is read-only.</summary>
    internal bool IsReadOnly => Container?.Spec?.Root?.Readonly == true;

    /// <summary>Whether the process whose root this is has exited, so that its mounts no longer exist.</summary>
    internal bool HasEnded =>
        Process is not null && LibcFiles.ReadLink(Process, "exe"u8, out var error) is null && error is LibcMounts.ENOENT or LibcFiles.ESRCH;

    internal static FileRoot Host() => Host(IdMap.None);

    /// <summary>The files of the host, for items whose owners are those of a container.</summary>
    internal static FileRoot Host(IdMap ids) => new(LibcMounts.Open("/", LibcMounts.O_PATH | LibcMounts.O_DIRECTORY, out _)!) { Ids = ids };

    /// <summary>The root file system of an image.</summary>
    internal static FileRoot Image(SafeFileHandle root, SafeFileHandle mount, string name) =>
        new(root)
        {
            Container = new CtrContainer { ContainerId = name },
            Mount = mount,
        };

    /// <summary>The root of a running process.</summary>
    internal static FileRoot Running(SafeFileHandle root, SafeFileHandle process, CtrContainer container, IdMap ids) =>
        new(root)
        {
            Container = container,
            Process = process,
            Ids = ids,
        };

    /// <summary>The root of a container without a running process.</summary>
    internal static FileRoot AtRest(SafeFileHandle root, CtrContainer container, SafeFileHandle? mount = null) =>
        new(root)
        {
            Container = container,
            Mount = mount,
            Ids = IdMap.Of(container.Spec),
            Hidden = container.Spec?.Mounts ?? [],
        };

    /// <summary>A path on this side for display.</summary>
    internal string Show(ReadOnlySpan<byte> path) =>
        Container is null ? FileName.Show(path) : $"{Container.ContainerId}:{FileName.Show(path)}";

    /// <summary>Resolves a path, including links.</summary>
    /// <param name="path">The absolute path.</param>
    /// <param name="follow">Whether a link at its end is followed.</param>
    /// <param name="error">The error number if it does not exist.</param>
    internal FileNode? Find(byte[] path, bool follow, out int error)
    {
        var flags = LibcMounts.O_PATH | (follow ? 0 : LibcMounts.O_NOFOLLOW);
        var handle = Container is null
            ? LibcFiles.Open(Handle, path, flags, 0, out error)
            : LibcMounts.OpenInRoot(Handle, path, flags, out error);
        return handle is null ? null : new FileNode(handle);
    }

    /// <summary>
    /// Like <see cref="Find"/>, but throws an error if the path does not exist, or is in a mount that exists only while the container is
    /// running.
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

    /// <summary>The path of an item from this root, without links.</summary>
    internal byte[] PathOf(FileNode node)
    {
        var (root, path) = (LibcFiles.PathOf(Handle), LibcFiles.PathOf(node.Handle));
        if (root is null || path is null || !FileName.IsAtOrBelow(path, root))
            return [];
        root = root.AsSpan().TrimEnd((byte)'/').ToArray();
        return path.Length == root.Length ? [(byte)'/'] : path[root.Length..];
    }

    /// <summary>The mounts of files or directories of the host in a tree that exist while the container is running.</summary>
    internal IEnumerable<CtrSpecMount> HiddenBelow(byte[] folder) =>
        Hidden.Where(m => m.Type == "bind" && m.Destination != "/" && FileName.IsAtOrBelow(MountPoint(m), folder));

    public void Dispose()
    {
        Handle.Dispose();
        Process?.Dispose();
        Mount?.Dispose();
    }

    /// <summary>
    /// Rejects a path that the container covers with a mount while it is running: its current content is not visible to the container.
    /// </summary>
    /// <param name="real">The path, without links.</param>
    /// <param name="path">The path as the caller specified it.</param>
    internal void RequireVisible(byte[] real, byte[] path)
    {
        foreach (var mount in Hidden)
        {
            if (mount.Destination != "/" && FileName.IsAtOrBelow(real, MountPoint(mount)))
                throw FileErrors.Hidden(this, Show(path), mount);
        }
    }

    /// <summary>Resolves the target of a mount, including links in its path.</summary>
    private byte[] MountPoint(CtrSpecMount mount)
    {
        var path = FileName.Parse("/" + mount.Destination);
        using var found = Find(path, follow: true, out _);
        return found is not null && PathOf(found) is { Length: > 0 } real ? real : FileName.Normalize(path);
    }
}
