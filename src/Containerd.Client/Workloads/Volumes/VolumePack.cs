using System.Runtime.Versioning;
using Containerd.Host.Copies;
using Containerd.Host.Files;
using Containerd.Host.Native;
using Containerd.Oci;
using Containerd.Oci.Archives;

namespace Containerd.Client.Workloads.Volumes;

/// <summary>Packs the files of a volume to a tar, with owners, modes, times, extended attributes and links.</summary>
[SupportedOSPlatform("linux")]
internal sealed class VolumePack(
    Stream target,
    string name,
    IProgress<ImageProgress>? progress,
    CopyNotes notes,
    CancellationToken cancellationToken
)
{
    private readonly TarFileWriter _tar = new(target);
    private readonly Dictionary<FileIdentity, byte[]> _links = [];
    private readonly byte[] _buffer = new byte[1 << 18];
    private long _bytes;

    /// <summary>Packs a directory.</summary>
    /// <param name="path">The directory.</param>
    internal void Run(string path)
    {
        using var host = FileRoot.Host();
        var source = FileName.Parse(path);
        using var node = host.Require(source, follow: false);
        Add(host, node, new TreePath(source), "./"u8.ToArray(), 0);
        _tar.End();
    }

    private void Add(FileRoot host, FileNode node, TreePath path, byte[] entry, int depth)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // A link can lead only to what is in the archive.
        if (node.Stat is { Links: > 1, Kind: FileKind.File or FileKind.SymbolicLink or FileKind.NamedPipe })
        {
            if (_links.TryGetValue(node.Stat.Identity, out var first))
            {
                _tar.WriteHeader(entry, Metadata(node, '1'), 0, first);
                return;
            }

            _links[node.Stat.Identity] = entry;
        }

        switch (node.Stat.Kind)
        {
            case FileKind.Directory:
                _tar.WriteHeader(entry, Metadata(node, '5'), attributes: Attributes(node));
                AddChildren(host, node, path, entry, depth);
                break;
            case FileKind.File:
                AddFile(host, node, path, entry);
                break;
            case FileKind.SymbolicLink:
                var link = LibcFiles.ReadLink(node.Handle, out var error)
                    ?? throw FileErrors.Failed(error, host, host.Show(path.Whole()), "read");
                _tar.WriteHeader(entry, Metadata(node, '2'), 0, link);
                break;
            case FileKind.NamedPipe:
                _tar.WriteHeader(entry, Metadata(node, '6'), attributes: Attributes(node));
                break;
            default:
                notes.Add(CopyNote.Special, host.Show(path.Whole()));
                break;
        }
    }

    private void AddChildren(FileRoot host, FileNode node, TreePath path, byte[] entry, int depth)
    {
        if (depth >= TreeCopy.MaxDepth)
            throw FileErrors.TooDeep(host.Show(path.Whole()));
        using var folder = FileFolder.Of(host, node, path);
        var names = folder.List();
        names.Sort(static (a, b) => a.AsSpan().SequenceCompareTo(b));
        foreach (var child in names)
        {
            using var item = folder.Find(child);
            if (item is null)
                notes.Add(CopyNote.Vanished, folder.Show(child));
            else
                Add(host, item, path.Child(child), item.IsDirectory ? [.. entry, .. child, (byte)'/'] : [.. entry, .. child], depth + 1);
        }
    }

    private void AddFile(FileRoot host, FileNode node, TreePath path, byte[] entry)
    {
        var shown = host.Show(path.Whole());
        using var input = LibcFiles.Reopen(node.Handle, LibcMounts.O_RDONLY | LibcFiles.O_NONBLOCK, out var error)
            ?? throw FileErrors.Failed(error, host, shown, "read");
        var size = node.Stat.Size;
        _tar.WriteHeader(entry, Metadata(node, '0'), size, attributes: Attributes(node));
        for (var at = 0L; at < size; )
        {
            cancellationToken.ThrowIfCancellationRequested();
            var wanted = (int)Math.Min(_buffer.Length, size - at);
            var read = LibcFiles.Read(input, _buffer.AsSpan(0, wanted), at, out error);
            if (read < 0)
                throw FileErrors.Failed(error, host, shown, "read");
            // The file became shorter: the size is already in the archive.
            if (read == 0)
            {
                notes.Add(CopyNote.Vanished, shown);
                Array.Clear(_buffer, 0, wanted);
                read = wanted;
            }

            target.Write(_buffer, 0, (int)read);
            at += read;
            _bytes += read;
            progress?.Report(new ImageProgress(ImageProgressStage.Writing, name, _bytes, 0));
        }

        _tar.Pad(size);
    }

    private static TarMetadata Metadata(FileNode node, char type) =>
        new(type, node.Stat.Permissions, node.Stat.Uid, node.Stat.Gid, node.Stat.ModifiedAt.Seconds, node.Stat.ModifiedAt.Nanoseconds);

    private static IEnumerable<(byte[] Name, byte[] Value)> Attributes(FileNode node)
    {
        foreach (var attribute in LibcFiles.ListAttributes(node.Handle).Where(FileMetadata.IsCopied))
            if (LibcFiles.GetAttribute(node.Handle, attribute) is { } value)
                yield return (attribute, value);
    }
}
