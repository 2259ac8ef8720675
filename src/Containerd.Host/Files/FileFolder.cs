using System.Runtime.Versioning;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Files;

/// <summary>
/// A directory that is held by its handle. What is done in it is done by a single name, and never through a link: so nobody who renames or
/// links about in
/// the tree meanwhile can lead it elsewhere.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class FileFolder(FileRoot root, SafeFileHandle handle, TreePath path) : IDisposable
{
    private const uint OwnerOnlyFile = 0x180;
    private const uint OwnerOnlyFolder = 0x1C0;
    private const uint Permissions = 0xFFF;
    private const uint Everybody = 0x1FF;

    // A process of the container may have dug on in what was made: no deeper than a path reaches, and the stack with it.
    private const int DeepestRemoved = 1000;

    internal FileRoot Root => root;

    internal SafeFileHandle Handle => handle;

    internal TreePath Path => path;

    /// <summary>The directory that was found.</summary>
    internal static FileFolder Of(FileRoot root, FileNode node, TreePath path)
    {
        var handle = LibcFiles.Open(node.Handle, FileName.Here, LibcMounts.O_PATH | LibcMounts.O_DIRECTORY, 0, out var error);
        return handle is null
            ? throw FileErrors.Failed(error, root, root.Show(path.Whole()), "opened")
            : new FileFolder(root, handle, path);
    }

    /// <summary>A name in it, as people write it.</summary>
    internal string Show(ReadOnlySpan<byte> name) => root.Show(FileName.Join(path.Whole(), name));

    /// <summary>What has a name in it; a link is found itself. Null for nothing.</summary>
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

    /// <summary>Makes a file that its owner alone may open, for now.</summary>
    internal SafeFileHandle MakeFile(ReadOnlySpan<byte> name) =>
        LibcFiles.Open(
            handle,
            name,
            LibcFiles.O_RDWR | LibcFiles.O_CREAT | LibcFiles.O_EXCL | LibcMounts.O_NOFOLLOW,
            OwnerOnlyFile,
            out var error
        ) ?? throw Failed(error, name, "written");

    /// <summary>Makes a directory that its owner alone may enter, for now.</summary>
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

    /// <summary>Makes a device node or a named pipe like another one.</summary>
    internal FileNode MakeNode(ReadOnlySpan<byte> name, FileStat like)
    {
        Check(LibcFiles.MakeNode(handle, name, (like.Mode & ~Permissions) | OwnerOnlyFile, like.RdevMajor, like.RdevMinor), name, "made");
        return Made(name, like.Kind);
    }

    /// <summary>Gives a file one more name, in here.</summary>
    /// <returns>Whether it could.</returns>
    internal bool TryLink(FileNode file, ReadOnlySpan<byte> name) => LibcFiles.MakeHardLink(file.Handle, handle, name) == 0;

    /// <summary>Gives what was built its name.</summary>
    internal void Rename(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to) => Check(LibcFiles.Rename(handle, from, to), to, "written");

    /// <summary>Removes what has a name in it, and all that is in that. What cannot be removed stays.</summary>
    /// <returns>Whether it is gone.</returns>
    internal bool TryRemove(ReadOnlySpan<byte> name) => TryRemove(name, 0);

    private bool TryRemove(ReadOnlySpan<byte> name, int depth)
    {
        try
        {
            using var node = Find(name);
            if (node is null)
                return true;
            // What is mounted there belongs to another file system, or to another directory.
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

    /// <summary>Holds what was just made, and makes sure that nobody has put something else in its place.</summary>
    private FileNode Made(ReadOnlySpan<byte> name, FileKind kind)
    {
        var made = Find(name);
        // The host may have file systems that give what root makes to somebody else.
        if (made is not null && made.Stat.Kind == kind && (root.Container is null || made.Stat.Uid == LibcFiles.User))
            return made;
        made?.Dispose();
        throw FileErrors.Changed(Show(name));
    }
}
