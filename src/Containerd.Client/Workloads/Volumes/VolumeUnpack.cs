using System.Runtime.Versioning;
using System.Text;
using Containerd.Host.Copies;
using Containerd.Host.Files;
using Containerd.Host.Native;
using Containerd.Oci.Archives;
using Microsoft.Win32.SafeHandles;
using TarFile = Containerd.Oci.Archives.TarFile;

namespace Containerd.Client.Workloads.Volumes;

/// <summary>
/// Unpacks a tar to the folder of a new volume. The archive is untrusted: each step of a path is one name in a held directory, so that
/// neither links in the archive nor <c>..</c> lead out of the volume.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class VolumeUnpack : IDisposable
{
    private const uint MissingFolder = 0x1ED; // 0755
    private const uint NamedPipe = 0x1000;
    private const int BufferSize = 1 << 18;
    private const int MaxFolders = 1_000_000;

    private readonly FileRoot _host = FileRoot.Host();
    private readonly FileFolder _root;
    private readonly CopyNotes _notes;
    private readonly byte[] _buffer = new byte[BufferSize];

    // The content of a directory changes its time: its attributes are set at the end.
    private readonly List<(byte[][] Path, string Name, TarMetadata Metadata, (byte[], byte[])[] Attributes)> _folders = [];

    internal VolumeUnpack(string folder, CopyNotes notes)
    {
        var path = FileName.Parse(folder);
        using var node = _host.Require(path, follow: false);
        _root = FileFolder.Of(_host, node, new TreePath(path));
        _notes = notes;
    }

    /// <summary>Unpacks all entries.</summary>
    /// <exception cref="TarFaultException">The archive is damaged, or has an entry outside of it.</exception>
    internal async Task RunAsync(TarFileReader tar, Action<string> advanced, CancellationToken cancellationToken)
    {
        while (await tar.NextAsync(cancellationToken).ConfigureAwait(false) is { } entry)
        {
            advanced(entry.Name);
            await AddAsync(entry, cancellationToken).ConfigureAwait(false);
        }

        for (var i = _folders.Count - 1; i >= 0; i--)
        {
            var (path, name, metadata, attributes) = _folders[i];
            using var folder = Open(path, name, create: false);
            Apply(folder.Handle, attributes, metadata, folder, FileName.Here);
        }
    }

    public void Dispose()
    {
        _root.Dispose();
        _host.Dispose();
    }

    private async Task AddAsync(TarFile entry, CancellationToken cancellationToken)
    {
        var metadata = TarMetadata.Of(entry);
        var path = Steps(entry.NameBytes, entry.Name);
        if (metadata.Type == '5')
        {
            Open(path, entry.Name, create: true).Dispose();
            // They are kept in memory until the end.
            if (_folders.Count == MaxFolders)
                throw new TarFaultException($"it has more than {MaxFolders} directories");
            _folders.Add((path, entry.Name, metadata, [.. entry.Pax.Attributes()]));
            return;
        }

        if (path.Length == 0)
            throw Outside(entry.Name);
        using var folder = Open(path[..^1], entry.Name, create: true);
        var name = path[^1];
        if (metadata.Type is '3' or '4')
        {
            _notes.Add(CopyNote.Special, folder.Show(name));
            return;
        }

        // Found before an older file with the name is removed: it may be the file itself.
        using var linked = metadata.Type == '1' ? Target(entry) : null;
        using (var existing = folder.Find(name))
        {
            if (existing?.IsDirectory == true)
                throw new TarFaultException($"it has a directory and a file with the name '{entry.Name}'");
            if (existing is not null && existing.Stat.Identity == linked?.Stat.Identity)
                return;
            if (existing is not null && !folder.TryRemove(name))
                throw new TarFaultException($"'{entry.Name}' cannot be replaced");
        }

        switch (metadata.Type)
        {
            case '1':
                if (!folder.TryLink(linked!, name))
                    throw new TarFaultException($"'{entry.Name}' cannot be linked to '{entry.LinkName}'");
                break;
            case '2':
                using (var link = folder.MakeLink(name, entry.LinkBytes))
                    Apply(link.Handle, entry.Pax.Attributes(), metadata, folder, name);
                break;
            case '6':
                using (var pipe = folder.MakeNode(name, new FileStat(FileKind.NamedPipe, NamedPipe, 0, 0, 0, 0, 0)))
                    Apply(pipe.Handle, entry.Pax.Attributes(), metadata, folder, name);
                break;
            case var _ when entry.Kind == TarFileKind.File:
                using (var file = folder.MakeFile(name))
                {
                    await CopyAsync(entry, file, folder, name, cancellationToken).ConfigureAwait(false);
                    Apply(file, entry.Pax.Attributes(), metadata, folder, name);
                }

                break;
            default:
                throw new TarFaultException($"'{entry.Name}' has the type '{metadata.Type}', which is not supported");
        }
    }

    private async Task CopyAsync(TarFile entry, SafeFileHandle file, FileFolder folder, byte[] name, CancellationToken cancellationToken)
    {
        var at = 0L;
        while (await entry.Data.ReadAsync(_buffer, cancellationToken).ConfigureAwait(false) is var read and > 0)
        {
            // Holes stay holes.
            for (var done = 0; _buffer.AsSpan(0, read).ContainsAnyExcept((byte)0) && done < read; )
            {
                var written = LibcFiles.Write(file, _buffer.AsSpan(done, read - done), at + done, out var error);
                if (written < 0)
                    folder.Check(error, name, "written");
                done += (int)written;
            }

            at += read;
        }

        folder.Check(LibcFiles.SetLength(file, at), name, "written");
    }

    /// <summary>The file that a hard link leads to.</summary>
    private FileNode Target(TarFile entry)
    {
        var path = Steps(entry.LinkBytes, entry.LinkName);
        if (path.Length == 0)
            throw Outside(entry.LinkName);
        using var folder = Open(path[..^1], entry.LinkName, create: false);
        var node = folder.Find(path[^1]);
        if (node is { IsDirectory: false })
            return node;
        node?.Dispose();
        throw new TarFaultException($"'{entry.Name}' is a link to '{entry.LinkName}', which is not a file of the archive");
    }

    /// <summary>Opens a directory by its names.</summary>
    private FileFolder Open(byte[][] path, string shown, bool create)
    {
        var at = FileFolder.Of(_host, new FileNode(Reopen(_root.Handle)), _root.Path);
        try
        {
            foreach (var name in path)
            {
                var next = Step(at, name, shown, create);
                at.Dispose();
                at = next;
            }

            return at;
        }
        catch
        {
            at.Dispose();
            throw;
        }
    }

    private FileFolder Step(FileFolder at, byte[] name, string shown, bool create)
    {
        using var node = at.Find(name);
        if (node is { IsDirectory: true })
            return FileFolder.Of(_host, node, at.Path.Child(name));
        if (node is not null)
            throw new TarFaultException($"'{shown}' is below a link or a file of the archive");
        if (!create)
            throw new TarFaultException($"'{shown}' is not in the archive");
        var made = at.MakeFolder(at.Path.Child(name));
        made.Check(LibcFiles.SetMode(made.Handle, MissingFolder), FileName.Here, "made");
        return made;
    }

    private SafeFileHandle Reopen(SafeFileHandle handle) =>
        LibcFiles.Open(handle, FileName.Here, LibcMounts.O_PATH | LibcMounts.O_DIRECTORY, 0, out var error)
        ?? throw FileErrors.Failed(error, _host, _host.Show(_root.Path.Whole()), "opened");

    private void Apply(
        SafeFileHandle item,
        IEnumerable<(byte[] Name, byte[] Value)> attributes,
        TarMetadata metadata,
        FileFolder folder,
        ReadOnlySpan<byte> name
    )
    {
        folder.Check(LibcFiles.SetOwner(item, metadata.Uid, metadata.Gid), name, "given its owner");
        if (metadata.Type != '2')
            folder.Check(LibcFiles.SetMode(item, metadata.Mode), name, "given its permissions");
        foreach (var (attribute, value) in attributes)
            if (!FileMetadata.IsCopied(attribute) || LibcFiles.SetAttribute(item, attribute, value) != 0)
                _notes.Add(CopyNote.AttributeLost, folder.Show(name));
        var time = new FileTime(metadata.Seconds, metadata.Nanoseconds);
        folder.Check(LibcFiles.SetTimes(item, time, time), name, "given its times");
    }

    private static byte[][] Steps(byte[] name, string shown)
    {
        var steps = new List<byte[]>();
        if (name is [(byte)'/', ..])
            throw Outside(shown);
        foreach (var step in FileName.Names(name))
        {
            if (step.AsSpan().SequenceEqual(FileName.Up))
                throw Outside(shown);
            if (!step.AsSpan().SequenceEqual(FileName.Here))
                steps.Add(step);
        }

        return steps.Count <= TreeCopy.MaxDepth
            ? [.. steps]
            : throw new TarFaultException($"'{Encoding.UTF8.GetString(name[..80])}…' is too deep");
    }

    private static TarFaultException Outside(string name) => new($"it has the entry '{name}', which is not below its top");
}
