using System.Diagnostics;
using System.Runtime.Versioning;
using Containerd.Host.Files;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Copies;

/// <summary>
/// Copies one item and its contents. All operations use directory handles and single names, so that no link is followed below the source
/// and the destination. New items are created with a temporary name beside the destination and are renamed when they are complete: a tree
/// as a whole, or file by file if the destination exists.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class TreeCopy(
    FileRoot from,
    FileRoot to,
    CopyOptions options,
    IProgress<CopyProgress>? progress,
    CopyNotes notes,
    CancellationToken cancellationToken
)
{
    /// <summary>The maximum nesting of directories: each level uses handles and stack.</summary>
    internal const int MaxDepth = 1000;

    private const uint AnyWrite = 0x92; // 0222

    // File systems of the kernel: proc, sysfs, cgroup, cgroup2, devpts, mqueue, securityfs, debugfs, tracefs, bpf, pstore, binfmt_misc,
    // nsfs, efivarfs, configfs.
    private static readonly HashSet<long> KernelFileSystems =
    [
        0x9FA0,
        0x62656572,
        0x27E0EB,
        0x63677270,
        0x1CD1,
        0x19800202,
        0x73636673,
        0x64626720,
        0x74726163,
        0xCAFE4A11,
        0x6165676C,
        0x42494E4D,
        0x6E736673,
        0xDE5E81E4,
        0x62656570,
    ];

    private readonly Dictionary<FileIdentity, (TreePath Path, FileIdentity Copy)> _links = [];
    private readonly Dictionary<(uint, uint), bool> _kernelDevices = [];
    private FileFolder _top = null!;

    // The item that is being copied, until it is renamed.
    private SafeFileHandle? _held;
    private FileIdentity? _intoFolder;
    private bool _inKernelFiles;
    private long _total;
    private long _items;
    private long _bytes;
    private long _files;
    private long _directories;
    private long _symbolicLinks;
    private long _others;

    /// <summary>Copies.</summary>
    /// <param name="source">The source path.</param>
    /// <param name="destination">The destination path.</param>
    /// <returns>The source.</returns>
    internal CtrCopiedItem Run(byte[] source, byte[] destination)
    {
        var watch = Stopwatch.StartNew();
        using var item = from.Require(source, follow: !options.NoFollow || FileName.AsksForFolder(source));
        var sourceText = from.Show(source);
        if (item.IsDirectory && !options.Recurse)
            throw FileErrors.IsDirectory(sourceText);
        if (item.Stat.Kind == FileKind.Socket)
            throw FileErrors.Uncopyable(sourceText);
        _total = item.Stat.Kind == FileKind.File ? item.Stat.Size : 0;
        foreach (var mount in item.IsDirectory ? from.HiddenBelow(from.PathOf(item)) : [])
            notes.Add(CopyNote.NotRunning, $"{from.Container!.ContainerId}:{mount.Destination}");

        if (to.IsReadOnly && to.Process is null)
            throw FileErrors.ReadOnly(to, to.Show(destination));
        using var found = CopyDestination.Find(to, destination, item.IsDirectory, options);
        try
        {
            var path = CopyTo(found, item, source);
            if (item.IsDirectory && from.HasEnded)
                notes.Add(CopyNote.Ended, from.Container!.ContainerId);
            return new CtrCopiedItem
            {
                Source = sourceText,
                Destination = to.Show(path),
                HostPath = to.Container is null ? FileName.Text(path) : null,
                Files = _files,
                Directories = _directories,
                SymbolicLinks = _symbolicLinks,
                Others = _others,
                Size = _bytes,
                Elapsed = watch.Elapsed,
            };
        }
        catch
        {
            found.Undo();
            throw;
        }
    }

    /// <returns>The current path of the item.</returns>
    private byte[] CopyTo(CopyDestination found, FileNode item, byte[] source)
    {
        _top = FileFolder.Of(to, found.Folder, new TreePath(found.FolderPath));
        using (_top)
        {
            RequireApart(item, found.FolderPath);
            _intoFolder = found.Folder.Stat.Identity;
            _inKernelFiles = IsKernelFileSystem(item);
            // A directory that is specified as ".", ".." or "/" means its contents.
            var name = FileName.Split(source).Name;
            if (found.Name is null && item.IsDirectory && FileName.IsFolderItself(name))
            {
                CopyChildren(item, new TreePath(source), _top, isNew: false, 0);
                return found.FolderPath;
            }

            name = found.Name ?? name;
            CopyLeftovers.Sweep(_top);
            CopyEntry(item, new TreePath(source), _top, name, 0);
            return FileName.Join(found.FolderPath, name);
        }
    }

    /// <summary>Copies an item to a name that may exist.</summary>
    private void CopyEntry(FileNode item, TreePath source, FileFolder folder, byte[] name, int depth)
    {
        using var existing = folder.Find(name);
        if (existing is not null && existing.Stat.Identity == item.Stat.Identity)
            throw FileErrors.Same(folder.Show(name));
        if (item.IsDirectory && existing?.IsDirectory == true)
        {
            // An existing directory keeps its owner and permissions: it is not replaced, but items are added to it.
            using var target = FileFolder.Of(to, existing, folder.Path.Child(name));
            CopyChildren(item, source, target, isNew: false, depth);
            return;
        }

        if (existing is not null)
            RequireReplaceable(item, existing, folder.Show(name), isNamed: depth == 0);
        // The kernel would allow replacing a mount point that only the container uses, and would unmount it there.
        if (existing is not null && existing.Stat.Mount != LibcMounts.Stat(folder.Handle).Mount)
        {
            WriteInPlace(item, source, existing, folder.Show(name));
            return;
        }

        var building = folder.Path.Child(name, CopyLeftovers.NewName());
        try
        {
            var identity = Build(item, source, folder, building, depth);
            folder.Rename(building.Current, name);
            building.Settle();
            if (depth == 0)
                options.Written.Add(identity);
        }
        finally
        {
            _held?.Dispose();
            _held = null;
            if (!building.IsSettled && !folder.TryRemove(building.Current))
                notes.Add(CopyNote.NotRemoved, folder.Show(building.Current));
        }
    }

    private void RequireReplaceable(FileNode item, FileNode existing, string path, bool isNamed)
    {
        if (item.IsDirectory)
            throw FileErrors.NotDirectory(path, existing.IsLink);
        if (existing.IsDirectory)
            throw FileErrors.Directory(path);
        if (isNamed && options.Written.Contains(existing.Stat.Identity))
            throw FileErrors.JustWritten(path);
        // Replacing /dev/null of this machine with a file would break the machine.
        if (
            to.Container is null
            && existing.Stat.Kind is FileKind.CharacterDevice or FileKind.BlockDevice
            && item.Stat.Kind != existing.Stat.Kind
        )
            throw FileErrors.Device(path);
        if (options.Force || existing.IsLink)
            return;
        if (existing.Stat.Kind != FileKind.File)
            throw FileErrors.Special(path);
        if ((existing.Stat.Mode & AnyWrite) == 0)
            throw FileErrors.ReadOnlyFile(path);
    }

    /// <summary>
    /// Writes to a file that is a mount point and therefore cannot be replaced. Its owner and permissions are not changed.
    /// </summary>
    private void WriteInPlace(FileNode item, TreePath source, FileNode existing, string target)
    {
        if (existing.Stat.Kind != FileKind.File || item.Stat.Kind != FileKind.File)
            throw FileErrors.Failed(LibcMounts.EBUSY, to, target, "replaced");
        var shown = from.Show(source.Whole());
        using var input = OpenContent(item, shown);
        using var output = LibcFiles.Reopen(existing.Handle, LibcFiles.O_WRONLY | LibcFiles.O_TRUNC, out var error)
            ?? throw FileErrors.Failed(error, to, target, "written");
        // A complete file after Ctrl+C is better than half of a file that is in use.
        CopyContent(new FileContent(input, output, CancellationToken.None), item.Stat.Size, shown, target);
        _files++;
    }

    /// <summary>Creates a hard link to a file that was already copied under another name.</summary>
    /// <returns>The file; null if that name now refers to something else, or cannot be linked to.</returns>
    private FileIdentity? TryLink(FileNode item, FileFolder folder, byte[] name)
    {
        if (!_links.TryGetValue(item.Stat.Identity, out var first))
            return null;
        FileFolder? at = null;
        FileNode? node = null;
        try
        {
            foreach (var step in first.Path.Steps())
            {
                if (node is not null)
                {
                    var next = FileFolder.Of(to, node, new TreePath(step));
                    at?.Dispose();
                    at = next;
                    node.Dispose();
                }

                node = (at ?? _top).Find(step);
                if (node is null)
                    return null;
            }

            return node?.Stat.Identity == first.Copy && folder.TryLink(node, name) ? first.Copy : null;
        }
        catch (CtrException)
        {
            // The destination is in use by other processes: copying the content is sufficient.
            return null;
        }
        finally
        {
            at?.Dispose();
            node?.Dispose();
        }
    }

    /// <summary>Rejects copying a directory into itself, before anything is written.</summary>
    private void RequireApart(FileNode item, byte[] folder)
    {
        if (!item.IsDirectory || LibcMounts.Stat(from.Handle).Identity != LibcMounts.Stat(to.Handle).Identity)
            return;
        if (from.PathOf(item) is { Length: > 0 } path && FileName.IsAtOrBelow(folder, path))
            throw FileErrors.Inside(to.Show(folder));
    }

    private bool IsKernelFileSystem(FileNode node)
    {
        var device = (node.Stat.Identity.Major, node.Stat.Identity.Minor);
        if (!_kernelDevices.TryGetValue(device, out var known))
            _kernelDevices[device] = known = KernelFileSystems.Contains(LibcFiles.FileSystemType(node.Handle));
        return known;
    }

    /// <summary>Creates an item in a directory, with its temporary name.</summary>
    private FileIdentity Build(FileNode item, TreePath source, FileFolder folder, TreePath path, int depth)
    {
        cancellationToken.ThrowIfCancellationRequested();
        progress?.Report(new CopyProgress(++_items, _bytes, _total, from.Show(source.Whole())));
        var name = path.Current;
        if (item.Stat.Links > 1 && !item.IsDirectory && TryLink(item, folder, name) is { } linked)
        {
            _others++;
            return linked;
        }

        FileIdentity made;
        switch (item.Stat.Kind)
        {
            case FileKind.Directory:
                made = BuildFolder(item, source, folder, path, depth);
                break;
            case FileKind.File:
                made = BuildFile(item, source, folder, path);
                _files++;
                break;
            case FileKind.SymbolicLink:
                var target = LibcFiles.ReadLink(item.Handle, out var error)
                    ?? throw FileErrors.Failed(error, from, from.Show(source.Whole()), "read");
                using (var link = folder.MakeLink(name, target))
                    made = Finish(item, link.Handle, folder, path);
                _symbolicLinks++;
                break;
            default:
                using (var node = folder.MakeNode(name, item.Stat))
                    made = Finish(item, node.Handle, folder, path);
                _others++;
                break;
        }

        if (item.Stat.Links > 1 && !item.IsDirectory)
            _links[item.Stat.Identity] = (path, made);
        return made;
    }

    private FileIdentity BuildFile(FileNode item, TreePath source, FileFolder folder, TreePath path)
    {
        var shown = from.Show(source.Whole());
        using var input = OpenContent(item, shown);
        using var output = folder.MakeFile(path.Current);
        _held ??= CopyLeftovers.Lock(folder, path.Current);
        CopyContent(new FileContent(input, output, cancellationToken), item.Stat.Size, shown, to.Show(path.Whole()));
        return Finish(item, output, folder, path);
    }

    private SafeFileHandle OpenContent(FileNode item, string shown) =>
        LibcFiles.Reopen(item.Handle, LibcMounts.O_RDONLY | LibcFiles.O_NONBLOCK, out var error)
        ?? throw FileErrors.Failed(error, from, shown, "read");

    private void CopyContent(FileContent content, long size, string source, string target)
    {
        var isDone = content.Copy(size, more =>
        {
            _bytes += more;
            progress?.Report(new CopyProgress(_items, _bytes, _total, source));
        });
        var (error, reading) = content.Failure;
        if (!isDone)
            throw reading ? FileErrors.Failed(error, from, source, "read") : FileErrors.Failed(error, to, target, "written");
    }

    private FileIdentity BuildFolder(FileNode item, TreePath source, FileFolder folder, TreePath path, int depth)
    {
        using var made = folder.MakeFolder(path);
        _held ??= CopyLeftovers.Lock(folder, path.Current);
        CopyChildren(item, source, made, isNew: true, depth);
        _directories++;
        return Finish(item, made.Handle, folder, path);
    }

    private void CopyChildren(FileNode item, TreePath source, FileFolder target, bool isNew, int depth)
    {
        if (depth >= MaxDepth)
            throw FileErrors.TooDeep(from.Show(source.Whole()));
        if (item.Stat.Identity == _intoFolder)
            throw FileErrors.Inside(to.Show(target.Path.Whole()));
        if (!_inKernelFiles && IsKernelFileSystem(item))
        {
            notes.Add(CopyNote.KernelFileSystem, from.Show(source.Whole()));
            return;
        }

        if (!isNew)
            CopyLeftovers.Sweep(target);
        using var folder = FileFolder.Of(from, item, source);
        foreach (var name in folder.List())
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var child = folder.Find(name);
            if (child is null)
                notes.Add(CopyNote.Vanished, folder.Show(name));
            else if (child.Stat.Kind == FileKind.Socket)
                notes.Add(CopyNote.Socket, folder.Show(name));
            else if (isNew)
                Build(child, source.Child(name), target, target.Path.Child(name), depth + 1);
            else
                CopyEntry(child, source.Child(name), target, name, depth + 1);
        }
    }

    private FileIdentity Finish(FileNode item, SafeFileHandle made, FileFolder folder, TreePath path)
    {
        var (uid, gid) = from.Ids.Inside(item.Stat.Uid, item.Stat.Gid);
        FileMetadata.Copy(item, made, to.Ids.Outside(uid, gid), folder, path.Current, notes);
        return LibcMounts.Stat(made).Identity;
    }
}
