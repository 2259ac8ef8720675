using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Files;

/// <summary>
/// The location of an output file on Linux: a name in a directory that is held by its handle, found by following symbolic links once, and
/// the existing item. Because both are held, links that are changed later cannot redirect the output.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class OutputDestination : IDisposable
{
    private const int MaxLinks = 40;
    private const int O_NOCTTY = 0x100;
    private const uint OwnerOnly = 0x180;
    private const uint Default = 0x1B6;
    private const long ProcessFileSystem = 0x9FA0;
    private const int ChunkSize = 1 << 20;

    // The reader may start slightly later.
    private static readonly TimeSpan ReaderPatience = TimeSpan.FromSeconds(10);

    private readonly string _path;
    private readonly bool _noClobber;
    private SafeFileHandle _folder;
    private byte[] _name = [];
    private SafeFileHandle? _existing;
    private FileStat _stat;
    private bool _replaceable;

    private OutputDestination(string path, bool noClobber, SafeFileHandle folder) =>
        (_path, _noClobber, _folder) = (path, noClobber, folder);

    /// <summary>Finds the location, and rejects one that exists or cannot be written.</summary>
    /// <param name="path">An absolute path.</param>
    /// <param name="noClobber">Whether an existing item at the path is an error.</param>
    internal static OutputDestination Find(string path, bool noClobber)
    {
        var bytes = FileName.Parse(path);
        if (FileName.AsksForFolder(bytes))
            throw Failed(LibcFiles.EISDIR);
        var (folder, name) = FileName.Split(bytes);
        var destination = new OutputDestination(path, noClobber, OpenFolder(null, folder));
        try
        {
            destination.Follow(name);
            return destination;
        }
        catch
        {
            destination.Dispose();
            throw;
        }
    }

    /// <summary>Makes an empty file that its owner alone may open, unless something stands at the destination.</summary>
    /// <returns>The path of the new file, with links resolved; null if the path exists.</returns>
    internal string? Create()
    {
        if (_existing is not null)
            return null;
        using var made = LibcFiles.Open(
            _folder,
            _name,
            LibcFiles.O_WRONLY | LibcFiles.O_CREAT | LibcFiles.O_EXCL | LibcMounts.O_NOFOLLOW,
            OwnerOnly,
            out var error
        );
        if (made is null)
            // Another process may have created it meanwhile.
            return error == LibcFiles.EEXIST ? null : throw Failed(error);
        return LibcFiles.PathOf(made) is { } path ? Encoding.UTF8.GetString(path) : _path;
    }

    internal async Task WriteAsync(Func<Stream, Task> write, CancellationToken cancellationToken)
    {
        if (_existing is null)
        {
            if (!await TryReplaceAsync(write).ConfigureAwait(false))
                throw Failed(LibcMounts.EACCES);
        }
        else if (_stat.Kind == FileKind.File)
        {
            // It is opened first, without a change: missing permission is an error before the long operation, even if the file would be
            // replaced.
            using var target = Open(LibcFiles.O_WRONLY);
            if (!_replaceable || !await TryReplaceAsync(write).ConfigureAwait(false))
                await OverwriteAsync(target, write).ConfigureAwait(false);
        }
        else
        {
            var stream = await OpenStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
                await write(stream).ConfigureAwait(false);
        }
    }

    /// <summary>Whether <see cref="OpenInPlaceAsync"/> created the file.</summary>
    internal bool IsNew { get; private set; }

    /// <summary>The identity of a regular file at the location; null for anything else.</summary>
    internal FileIdentity? RegularFile => _existing is not null && _stat.Kind == FileKind.File ? _stat.Identity : null;

    /// <summary>Opens what exists at the location, to write it in place, without a change yet. A missing file is created empty.</summary>
    internal async Task<Stream> OpenInPlaceAsync(CancellationToken cancellationToken)
    {
        if (_existing is not null)
            return await OpenStreamAsync(cancellationToken).ConfigureAwait(false);
        var made = LibcFiles.Open(
            _folder,
            _name,
            LibcFiles.O_WRONLY | LibcFiles.O_CREAT | LibcFiles.O_EXCL | LibcMounts.O_NOFOLLOW,
            Default,
            out var error
        );
        if (made is null)
        {
            if (error != LibcFiles.EEXIST)
                throw Failed(error);
            // Another process created it meanwhile.
            Follow(_name);
            return _existing is null ? throw Failed(error) : await OpenStreamAsync(cancellationToken).ConfigureAwait(false);
        }

        try
        {
            IsNew = true;
            _existing = LibcFiles.Reopen(made, LibcMounts.O_PATH, out error) ?? throw Failed(error);
            _stat = LibcMounts.Stat(_existing);
            return new FileStream(made, FileAccess.Write, bufferSize: 0);
        }
        catch
        {
            made.Dispose();
            _ = LibcFiles.Remove(_folder, _name, directory: false);
            throw;
        }
    }

    /// <summary>Removes the file that <see cref="OpenInPlaceAsync"/> created, unless another one has its name now.</summary>
    internal void RemoveNew()
    {
        using var now = LibcFiles.Open(_folder, _name, LibcMounts.O_PATH | LibcMounts.O_NOFOLLOW, 0, out _);
        if (now is not null && LibcMounts.Stat(now).Identity == _stat.Identity)
            _ = LibcFiles.Remove(_folder, _name, directory: false);
    }

    public void Dispose()
    {
        _existing?.Dispose();
        _folder.Dispose();
    }

    private void Follow(byte[] name)
    {
        for (var links = 0; links <= MaxLinks; links++)
        {
            if (FileName.IsFolderItself(name))
                throw Failed(LibcFiles.EISDIR);
            _name = name;
            var found = LibcFiles.Open(_folder, name, LibcMounts.O_PATH | LibcMounts.O_NOFOLLOW, 0, out var error);
            if (found is null)
            {
                if (error == LibcMounts.ENOENT)
                    return;
                throw Failed(error);
            }

            if (_noClobber)
            {
                found.Dispose();
                throw OutputFile.Exists(_path);
            }

            var stat = LibcMounts.Stat(found);
            if (stat.Kind != FileKind.SymbolicLink)
            {
                Take(found, stat, replaceable: true);
                return;
            }

            using (found)
            {
                if (LibcFiles.FileSystemType(_folder) != ProcessFileSystem)
                {
                    name = Step(LibcFiles.ReadLink(found, out error) ?? throw Failed(error));
                    continue;
                }
            }

            // For example /dev/stdout: it refers to an open file of a process, and another file may have the name of that file now.
            var opened = LibcFiles.Open(_folder, name, LibcMounts.O_PATH, 0, out error) ?? throw Failed(error);
            Take(opened, LibcMounts.Stat(opened), replaceable: false);
            return;
        }

        throw Failed(LibcMounts.ELOOP);
    }

    /// <summary>Opens the directory of a link's target.</summary>
    /// <returns>The name in it.</returns>
    private byte[] Step(byte[] target)
    {
        var (folder, name) = FileName.Split(target);
        if (folder.Length > 0)
        {
            var next = OpenFolder(target[0] == (byte)'/' ? null : _folder, folder);
            _folder.Dispose();
            _folder = next;
        }

        return name;
    }

    private void Take(SafeFileHandle found, FileStat stat, bool replaceable)
    {
        // A file that is a mount point cannot be replaced, only written.
        (_existing, _stat, _replaceable) = (found, stat, replaceable && stat.Links == 1 && stat.Mount == LibcMounts.Stat(_folder).Mount);
        if (stat.Kind == FileKind.Directory)
            throw Failed(LibcFiles.EISDIR);
    }

    /// <summary>Writes a temporary file in the same directory and renames it.</summary>
    /// <returns>Returns false, without a change, if a file with the attributes of the replaced one cannot be created there.</returns>
    private async Task<bool> TryReplaceAsync(Func<Stream, Task> write)
    {
        var part = Encoding.ASCII.GetBytes(OutputFile.NewTemporaryName());
        using var made = LibcFiles.Open(
            _folder,
            part,
            LibcFiles.O_RDWR | LibcFiles.O_CREAT | LibcFiles.O_EXCL | LibcMounts.O_NOFOLLOW,
            _existing is null ? Default : OwnerOnly,
            out var error
        );
        if (made is null)
            return _existing is null ? throw Failed(error) : false;
        var done = false;
        try
        {
            if (_existing is not null && !OutputAttributes.TryCopy(_existing, _stat, made))
                return false;
            await FillAsync(made, write).ConfigureAwait(false);
            RandomAccess.FlushToDisk(made);
            done = Publish(made, part);
            return true;
        }
        finally
        {
            if (!done)
                _ = LibcFiles.Remove(_folder, part, directory: false);
        }
    }

    /// <returns>Whether the temporary name no longer exists.</returns>
    private bool Publish(SafeFileHandle made, byte[] part)
    {
        if (_noClobber)
        {
            var error = LibcFiles.MakeHardLink(made, _folder, _name);
            if (error == 0)
                return false;
            if (error == LibcFiles.EEXIST)
                throw OutputFile.Exists(_path);
            // A file system without hard links.
        }

        using (var now = LibcFiles.Open(_folder, _name, LibcMounts.O_PATH | LibcMounts.O_NOFOLLOW, 0, out _))
        {
            if (now is not null && _noClobber)
                throw OutputFile.Exists(_path);
            // Another item may have been created there in the meantime; only a regular file may be replaced.
            if (now is not null && LibcMounts.Stat(now) is not { Kind: FileKind.File, Links: 1 })
                throw new IOException("another process changed what stands at the path");
        }

        return LibcFiles.Rename(_folder, part, _name) is var failed and not 0 ? throw Failed(failed) : true;
    }

    /// <summary>Collects all bytes first, so that a failure does not change the file, and then overwrites it.</summary>
    private async Task OverwriteAsync(SafeFileHandle target, Func<Stream, Task> write)
    {
        using var stage = OpenStage();
        await FillAsync(stage, write).ConfigureAwait(false);
        var buffer = new byte[ChunkSize];
        var offset = 0L;
        // Not cancelled from here on: a mixture of old and new bytes is useless.
        for (
            int read;
            (read = await RandomAccess.ReadAsync(stage, buffer, offset, CancellationToken.None).ConfigureAwait(false)) > 0;
            offset += read
        )
            await RandomAccess.WriteAsync(target, buffer.AsMemory(0, read), offset, CancellationToken.None).ConfigureAwait(false);
        if (LibcFiles.SetLength(target, offset) is var error and not 0)
            throw Failed(error);
        RandomAccess.FlushToDisk(target);
    }

    /// <summary>Creates a file without a name, in the same directory or else in the folder for temporary files.</summary>
    private SafeFileHandle OpenStage()
    {
        const int Flags = LibcFiles.O_RDWR | LibcFiles.O_CREAT | LibcFiles.O_EXCL;
        var name = Encoding.ASCII.GetBytes(OutputFile.NewTemporaryName());
        if (LibcFiles.Open(_folder, name, Flags | LibcMounts.O_NOFOLLOW, OwnerOnly, out _) is { } beside)
        {
            _ = LibcFiles.Remove(_folder, name, directory: false);
            return beside;
        }

        using var folder = OpenFolder(null, FileName.Parse(Path.GetTempPath()));
        var stage = LibcFiles.Open(folder, name, Flags | LibcMounts.O_NOFOLLOW, OwnerOnly, out var error) ?? throw Failed(error);
        _ = LibcFiles.Remove(folder, name, directory: false);
        return stage;
    }

    // The callback may close its stream, so it gets a separate handle.
    private static async Task FillAsync(SafeFileHandle file, Func<Stream, Task> write)
    {
        var own = LibcFiles.Reopen(file, LibcFiles.O_WRONLY, out var error) ?? throw Failed(error);
        var stream = new FileStream(own, FileAccess.Write, bufferSize: 0);
        await using (stream.ConfigureAwait(false))
            await write(stream).ConfigureAwait(false);
    }

    private async Task<Stream> OpenStreamAsync(CancellationToken cancellationToken)
    {
        if (_stat.Kind != FileKind.NamedPipe)
            return new FileStream(Open(LibcFiles.O_WRONLY | O_NOCTTY), FileAccess.Write, bufferSize: 0);
        for (var started = Environment.TickCount64; ; )
        {
            if (LibcFiles.Reopen(_existing!, LibcFiles.O_WRONLY | LibcFiles.O_NONBLOCK, out var error) is { } opened)
            {
                using (opened)
                {
                    var handle = new SafePipeHandle(opened.DangerousGetHandle(), ownsHandle: true);
                    opened.SetHandleAsInvalid();
                    return new AnonymousPipeClientStream(PipeDirection.Out, handle);
                }
            }

            if (error != LibcFiles.ENXIO)
                throw Failed(error);
            if (Environment.TickCount64 - started > ReaderPatience.TotalMilliseconds)
                throw new IOException(
                    $"it is a named pipe that no process has opened for reading within {ReaderPatience.TotalSeconds:0} seconds"
                );
            await Task.Delay(20, cancellationToken).ConfigureAwait(false);
        }
    }

    private SafeFileHandle Open(int flags) => LibcFiles.Reopen(_existing!, flags, out var error) ?? throw Failed(error);

    private static SafeFileHandle OpenFolder(SafeFileHandle? from, byte[] path)
    {
        const int Flags = LibcMounts.O_PATH;
        var error = 0;
        var folder = from is null
            ? LibcMounts.Open(Encoding.UTF8.GetString(path), Flags | LibcMounts.O_DIRECTORY, out error)
            : LibcFiles.Open(from, path, Flags | LibcMounts.O_DIRECTORY, 0, out error);
        return folder ?? throw Failed(error);
    }

    private static Exception Failed(int error) =>
        error is LibcMounts.EACCES or LibcMounts.EPERM
            ? new UnauthorizedAccessException(Marshal.GetPInvokeErrorMessage(error))
            : new IOException(Marshal.GetPInvokeErrorMessage(error), error);
}
