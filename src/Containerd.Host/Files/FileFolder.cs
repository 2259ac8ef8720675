using System.Runtime.Versioning;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Files;

/// <summary>
/// A directory that is held by its handle. Operations in it use single names and never follow links, so that concurrent renames and links
/// in the tree cannot redirect them.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class FileFolder(FileRoot root, SafeFileHandle handle, TreePath path) : IDisposable
{
    private const uint OwnerOnlyFile = 0x180;
    private const uint OwnerOnlyFolder = 0x1C0;
    private const uint Permissions = 0xFFF;
    private const uint Everybody = 0x1FF;

    // A process of the container may have created deeper directories: the depth is limited by that of a path, and thereby the stack.
    private const int DeepestRemoved = 1000;

    internal FileRoot Root => root;

    internal SafeFileHandle Handle => handle;

    internal TreePath Path => path;

    /// <summary>The directory.</summary>
    internal static FileFolder Of(FileRoot root, FileNode node, TreePath path)
    {
        var handle = LibcFiles.Open(node.Handle, FileName.Here, LibcMounts.O_PATH | LibcMounts.O_DIRECTORY, 0, out var error);
        return handle is null
            ? throw FileErrors.Failed(error, root, root.Show(path.Whole()), "opened")
            : new FileFolder(root, handle, path);
    }

    /// <summary>A path in it for messages.</summary>
    internal string Show(ReadOnlySpan<byte> name) => root.Show(FileName.Join(path.Whole(), name));

    /// <summary>Finds an item in it by name, without following links; null if it does not exist.</summary>
    internal FileNode? Find(ReadOnlySpan<byte> name)
    {
        var found = LibcFiles.Open(handle, name, LibcMounts.O_PATH | LibcMounts.O_NOFOLLOW, 0, out var error);
        return found is null
            ? error == LibcMounts.ENOENT
                ? null
                : throw Failed(error, name, "opened")
            : new FileNode(found);
    }

    internal List<byte[]> List() => LibcFiles.List(handle, out var error) ?? throw Failed(error, FileName.Here, "read");

    /// <summary>Creates a file that, for now, only its owner can open.</summary>
    internal SafeFileHandle MakeFile(ReadOnlySpan<byte> name) =>
        LibcFiles.Open(
            handle,
            name,
            LibcFiles.O_RDWR | LibcFiles.O_CREAT | LibcFiles.O_EXCL | LibcMounts.O_NOFOLLOW,
            OwnerOnlyFile,
            out var error
        ) ?? throw Failed(error, name, "written");

    /// <summary>Creates a directory that, for now, only its owner can enter.</summary>
    internal FileFolder MakeFolder(TreePath child)
    {
        var name = child.Current;
        Check(LibcFiles.MakeDirectory(handle, name, OwnerOnlyFolder), name, "made");
        using var made = Made(name, FileKind.Directory);
        // It may have inherited the set-group-id bit.
        return (made.Stat.Permissions & Everybody) == OwnerOnlyFolder ? Of(root, made, child) : throw FileErrors.Changed(Show(name));
    }

    internal FileNode MakeLink(ReadOnlySpan<byte> name, ReadOnlySpan<byte> target)
    {
        Check(LibcFiles.MakeSymbolicLink(handle, name, target), name, "made");
        return Made(name, FileKind.SymbolicLink);
    }

    /// <summary>Creates a copy of a device node or a named pipe.</summary>
    internal FileNode MakeNode(ReadOnlySpan<byte> name, FileStat like)
    {
        Check(LibcFiles.MakeNode(handle, name, (like.Mode & ~Permissions) | OwnerOnlyFile, like.RdevMajor, like.RdevMinor), name, "made");
        return Made(name, like.Kind);
    }

    /// <summary>Creates a hard link to a file in this directory.</summary>
    /// <returns>Whether it succeeded.</returns>
    internal bool TryLink(FileNode file, ReadOnlySpan<byte> name) => LibcFiles.MakeHardLink(file.Handle, handle, name) == 0;

    /// <summary>Renames a completed item to its name.</summary>
    internal void Rename(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to) => Check(LibcFiles.Rename(handle, from, to), to, "written");

    /// <summary>Removes an item by name, with its contents. Items that cannot be removed are kept.</summary>
    /// <returns>Whether it was removed.</returns>
    internal bool TryRemove(ReadOnlySpan<byte> name) => TryRemove(name, 0);

    private bool TryRemove(ReadOnlySpan<byte> name, int depth)
    {
        try
        {
            using var node = Find(name);
            if (node is null)
                return true;
            // A mount belongs to another file system, or to another directory.
            if (node.Stat.Mount != LibcMounts.Stat(handle).Mount)
                return false;
            if (node.IsDirectory && depth < DeepestRemoved)
            {
                using var folder = Of(root, node, path.Child(name.ToArray()));
                foreach (var child in folder.List())
                    folder.TryRemove(child, depth + 1);
            }

            return LibcFiles.Remove(handle, name, node.IsDirectory) == 0;
        }
        catch (CtrException)
        {
            return false;
        }
    }

    public void Dispose() => handle.Dispose();

    internal void Check(int error, ReadOnlySpan<byte> name, string doing)
    {
        if (error != 0)
            throw Failed(error, name, doing);
    }

    private CtrException Failed(int error, ReadOnlySpan<byte> name, string doing) =>
        FileErrors.Failed(error, root, name.SequenceEqual(FileName.Here) ? root.Show(path.Whole()) : Show(name), doing);

    /// <summary>Opens an item that was just created, and verifies that no other process has replaced it.</summary>
    private FileNode Made(ReadOnlySpan<byte> name, FileKind kind)
    {
        var made = Find(name);
        // On some file systems of the host, files that root creates belong to another user.
        if (made is not null && made.Stat.Kind == kind && (root.Container is null || made.Stat.Uid == LibcFiles.User))
            return made;
        made?.Dispose();
        throw FileErrors.Changed(Show(name));
    }
}
