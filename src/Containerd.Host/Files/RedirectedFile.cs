using System.Runtime.Versioning;
using Containerd.Host.Native;

namespace Containerd.Host.Files;

/// <summary>
/// A file that receives a stream while it comes, like the redirection of a shell: it is written in place, and keeps what it has received
/// when the stream breaks off. Unlike in a shell, the old content remains until the first bytes come, and a new file that receives nothing
/// because the command was not run does not remain.
/// </summary>
internal sealed class RedirectedFile : IAsyncDisposable
{
    private readonly string _path;
    private readonly Stream _stream;
    private readonly IDisposable? _destination;
    private readonly Action? _removeNew;

    // Both outputs of a process can go to one file.
    private readonly SemaphoreSlim _gate = new(1, 1);
    private bool _begun;
    private volatile bool _closed;

    private RedirectedFile(string path, Stream stream, FileIdentity? identity, IDisposable? destination, Action? removeNew)
    {
        _path = path;
        _stream = stream;
        Identity = identity;
        _destination = destination;
        _removeNew = removeNew;
    }

    /// <summary>The identity of a regular file; null for a device or a named pipe, and if it is not known.</summary>
    internal FileIdentity? Identity { get; }

    /// <summary>Opens the file, without a change of an existing one.</summary>
    /// <param name="path">An absolute path.</param>
    /// <param name="noClobber">Whether an existing item at the path is an error.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrConflictException">FileExists.</exception>
    /// <exception cref="CtrPermissionException">FileNotWritable.</exception>
    /// <exception cref="CtrFileException">FileNotWritable.</exception>
    internal static async Task<RedirectedFile> OpenAsync(string path, bool noClobber, CancellationToken cancellationToken)
    {
        try
        {
            return OperatingSystem.IsLinux()
                ? await OpenOnLinuxAsync(path, noClobber, cancellationToken).ConfigureAwait(false)
                : OpenPortable(path, noClobber);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw OutputFile.Failed(path, e);
        }
    }

    /// <summary>Writes bytes; after the end of the command they are discarded.</summary>
    internal async ValueTask WriteAsync(ReadOnlyMemory<byte> chunk, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_closed)
                return;
            Begin();
            // A named pipe whose reader does not read must not hold up the caller who cancels.
            await _stream.WriteAsync(chunk, cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw OutputFile.Failed(_path, e);
        }
        catch (ObjectDisposedException) when (_closed)
        {
            // A process that was left behind still writes.
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The command has run: a file that received nothing is now empty.</summary>
    internal async Task CompleteAsync()
    {
        // A process that was left behind may write its first bytes now.
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            Begin();
        }
        catch (IOException e)
        {
            throw OutputFile.Failed(_path, e);
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _closed = true;
        try
        {
            if (!_begun)
                _removeNew?.Invoke();
            await _stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw OutputFile.Failed(_path, e);
        }
        finally
        {
            _destination?.Dispose();
        }
    }

    private void Begin()
    {
        if (_begun)
            return;
        _begun = true;
        if (_stream is FileStream { CanSeek: true } file && Identity is not null)
            file.SetLength(0);
    }

    [SupportedOSPlatform("linux")]
    private static async Task<RedirectedFile> OpenOnLinuxAsync(string path, bool noClobber, CancellationToken cancellationToken)
    {
        var destination = OutputDestination.Find(path, noClobber);
        try
        {
            var stream = await destination.OpenInPlaceAsync(cancellationToken).ConfigureAwait(false);
            return new RedirectedFile(path, stream, destination.RegularFile, destination, destination.IsNew ? destination.RemoveNew : null);
        }
        catch
        {
            destination.Dispose();
            throw;
        }
    }

    private static RedirectedFile OpenPortable(string path, bool noClobber)
    {
        var exists = Path.Exists(path);
        if (exists && noClobber)
            throw OutputFile.Exists(path);
        try
        {
            var stream = new FileStream(path, exists ? FileMode.Open : FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
            return new RedirectedFile(path, stream, null, null, exists ? null : () => File.Delete(path));
        }
        catch (IOException) when (!exists && noClobber && Path.Exists(path))
        {
            throw OutputFile.Exists(path);
        }
    }
}
