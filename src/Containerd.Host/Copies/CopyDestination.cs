using System.Runtime.Versioning;
using Containerd.Host.Files;
using Containerd.Host.Native;

namespace Containerd.Host.Copies;

/// <summary>
/// The destination of an item: a directory, and the name in it. If the destination is a directory, the item is copied into it; any other
/// path is the new name of the item.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class CopyDestination : IDisposable
{
    private const int MaxLinks = 40;
    private const uint NewFolder = 0x1ED; // 0755

    private readonly FileRoot _root;
    private readonly byte[] _destination;
    private readonly List<(FileNode Parent, byte[] Name)> _made = [];
    private FileNode? _folder;

    private CopyDestination(FileRoot root, byte[] destination) => (_root, _destination) = (root, destination);

    /// <summary>The directory.</summary>
    internal FileNode Folder => _folder!;

    /// <summary>The directory's path, without links.</summary>
    internal byte[] FolderPath { get; private set; } = [];

    /// <summary>The new name of the item; null for its own name.</summary>
    internal byte[]? Name { get; private set; }

    /// <summary>Finds the destination for an item, and creates missing directories if requested.</summary>
    /// <param name="root">The side of the destination.</param>
    /// <param name="destination">The path as the caller specified it.</param>
    /// <param name="isDirectory">Whether the item is a directory.</param>
    /// <param name="options">The copy options.</param>
    internal static CopyDestination Find(FileRoot root, byte[] destination, bool isDirectory, CopyOptions options)
    {
        var found = new CopyDestination(root, destination);
        try
        {
            root.RequireVisible(FileName.Normalize(destination), destination);
            found.Find(isDirectory, options);
            if (root.Hidden.Count > 0)
                root.RequireVisible(found.Name is null ? found.FolderPath : FileName.Join(found.FolderPath, found.Name), destination);
            return found;
        }
        catch
        {
            found.Undo();
            found.Dispose();
            throw;
        }
    }

    /// <summary>Removes directories that were created for an item that was not copied.</summary>
    internal void Undo()
    {
        for (var i = _made.Count - 1; i >= 0; i--)
            _ = LibcFiles.Remove(_made[i].Parent.Handle, _made[i].Name, directory: true);
    }

    public void Dispose()
    {
        _folder?.Dispose();
        _made.ForEach(m => m.Parent.Dispose());
    }

    private void Find(bool isDirectory, CopyOptions options)
    {
        var shown = _root.Show(_destination);
        var (folder, name) = FileName.Split(_destination);
        var asksForFolder = FileName.AsksForFolder(_destination) || FileName.IsFolderItself(name);
        var path = _destination;
        while (name.AsSpan().SequenceEqual(FileName.Here))
        {
            path = folder;
            (folder, name) = FileName.Split(path);
        }

        for (var links = 0; ; links++)
        {
            if (FileName.IsFolderItself(name))
            {
                Take(_root.Require(path, follow: true), path, null);
                break;
            }

            Take(FindParent(folder, shown, options.Force), folder, name);
            using var existing = FindChild(name);
            if (existing is null)
            {
                RequireNew(shown, asksForFolder && !isDirectory, options);
                break;
            }

            if (existing.IsDirectory)
            {
                Take(Reheld(existing), FileName.Join(FolderPath, name), null);
                break;
            }

            if (!existing.IsLink)
            {
                if (options.IntoFolder)
                    throw FileErrors.NoFolder(shown);
                if (asksForFolder || isDirectory)
                    throw FileErrors.NotDirectory(shown, isLink: false);
                break;
            }

            // A link that the user specified is followed.
            if (links == MaxLinks)
                throw FileErrors.Failed(LibcMounts.ELOOP, _root, shown, "written");
            var target = LibcFiles.ReadLink(existing.Handle, out var error) ?? throw FileErrors.Failed(error, _root, shown, "followed");
            path = target is [(byte)'/', ..] ? target : FileName.Join(FolderPath, target);
            (folder, name) = FileName.Split(path);
        }
    }

    /// <summary>The name does not exist: it may be the name of the item, or that of a missing directory.</summary>
    private void RequireNew(string shown, bool needsFolder, CopyOptions options)
    {
        if (!options.IntoFolder && !needsFolder)
            return;
        if (!options.Force)
            throw options.IntoFolder
                ? FileErrors.NoFolder(shown)
                : FileErrors.NoParent(FileName.AsksForFolder(_destination) ? shown : shown + "/");
        var path = FileName.Join(FolderPath, Name!);
        Take(MakeFolder(Folder, Name!, shown), path, null);
    }

    private void Take(FileNode folder, byte[] path, byte[]? name)
    {
        if (!folder.IsDirectory)
        {
            folder.Dispose();
            throw FileErrors.NotDirectory(_root.Show(path), isLink: false);
        }

        if (!ReferenceEquals(folder, _folder))
            _folder?.Dispose();
        _folder = folder;
        Name = name;
        FolderPath = _root.PathOf(folder) is { Length: > 0 } real ? real : path;
    }

    private FileNode? FindChild(byte[] name)
    {
        using var folder = FileFolder.Of(_root, Folder, new TreePath(FolderPath));
        return folder.Find(name);
    }

    private FileNode Reheld(FileNode node) =>
        new(
            LibcFiles.Open(node.Handle, FileName.Here, LibcMounts.O_PATH | LibcMounts.O_DIRECTORY, 0, out var error)
                ?? throw FileErrors.Failed(error, _root, _root.Show(_destination), "opened")
        );

    private FileNode FindParent(byte[] path, string shown, bool make)
    {
        if (_root.Find(path, follow: true, out var error) is { } found)
            return found;
        if (error != LibcMounts.ENOENT)
            throw FileErrors.Failed(error, _root, _root.Show(path), "opened");
        return make ? MakeFolders(path, shown) : throw FileErrors.NoParent(shown);
    }

    /// <summary>Creates the missing directories of a path.</summary>
    private FileNode MakeFolders(byte[] path, string shown)
    {
        byte[] at = [(byte)'/'];
        var folder = _root.Require(at, follow: true);
        foreach (var name in FileName.Names(path))
        {
            at = FileName.Join(at, name);
            using var parent = folder;
            folder = _root.Find(at, follow: true, out var error)
                ?? (
                    error == LibcMounts.ENOENT
                        ? MakeFolder(parent, name, shown)
                        : throw FileErrors.Failed(error, _root, _root.Show(at), "opened")
                );
        }

        return folder;
    }

    /// <summary>Creates a directory with the root user of the side as the owner.</summary>
    private FileNode MakeFolder(FileNode parent, byte[] name, string shown)
    {
        var error = LibcFiles.MakeDirectory(parent.Handle, name, NewFolder);
        // It may be a dangling link.
        if (error != 0)
            throw FileErrors.Failed(error == LibcFiles.EEXIST ? LibcMounts.ENOENT : error, _root, shown, "made");
        _made.Add((Reheld(parent), name));
        var made = new FileNode(
            LibcFiles.Open(parent.Handle, name, LibcMounts.O_PATH | LibcMounts.O_NOFOLLOW | LibcMounts.O_DIRECTORY, 0, out error)
                ?? throw FileErrors.Failed(error, _root, shown, "made")
        );
        if (_root.Container is not null && made.Stat.Uid != LibcFiles.User)
        {
            // A process of the container has put another one in its found.
            made.Dispose();
            throw FileErrors.Changed(shown);
        }

        var (uid, gid) = _root.Ids.Outside(0, 0);
        if (_root.Container is not null)
            _ = LibcFiles.SetOwner(made.Handle, uid, gid);
        _ = LibcFiles.SetMode(made.Handle, NewFolder);
        return made;
    }
}
