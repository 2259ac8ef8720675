using System.Buffers;
using System.Runtime.Versioning;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Files;

/// <summary>Copies the content of a file, and preserves its holes.</summary>
[SupportedOSPlatform("linux")]
internal sealed class FileContent(SafeFileHandle from, SafeFileHandle to, CancellationToken cancellationToken)
{
    // Small enough for Ctrl+C on a slow disk.
    private const int Chunk = 4 << 20;

    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
    private bool _kernelCopies = true;

    /// <summary>The error and its position, if there was one.</summary>
    internal (int Error, bool Reading) Failure { get; private set; }

    /// <summary>Copies everything.</summary>
    /// <param name="size">The reported size of the file; some files of the kernel report 0 or too much.</param>
    /// <param name="advanced">Called with the number of copied bytes.</param>
    /// <returns>Whether it succeeded; otherwise <see cref="Failure"/> has the reason.</returns>
    internal bool Copy(long size, Action<long> advanced)
    {
        try
        {
            // If the file grows in the meantime, the original size is copied; a file without a size is read to its end.
            var end = size > 0 ? size : long.MaxValue;
            for (long at = 0; at < end; )
            {
                var data = size > 0 ? LibcFiles.SeekData(from, at, out var error) : Unseekable(out error);
                if (data < 0 && error == LibcFiles.ENXIO)
                    break;
                long until;
                if (data < 0)
                    (data, until) = (at, end);
                else
                    until = LibcFiles.SeekHole(from, data, out error);
                until = until < 0 ? end : Math.Min(until, end);
                var copied = CopyData(data, until, advanced);
                if (copied < 0)
                    return false;
                at = data + copied;
                if (at < until)
                {
                    // The file is shorter than reported.
                    end = at;
                    size = Math.Min(size, at);
                }
            }

            var result = size > 0 ? LibcFiles.SetLength(to, size) : 0;
            Failure = (result, false);
            return result == 0;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }
    }

    private static long Unseekable(out int error)
    {
        error = LibcFiles.ESPIPE;
        return -1;
    }

    /// <returns>The number of bytes up to the given offset; -1 for a failure.</returns>
    private long CopyData(long start, long until, Action<long> advanced)
    {
        var at = start;
        while (at < until)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var done = CopySome(at, Math.Min(Chunk, until - at));
            if (done < 0)
                return -1;
            if (done == 0)
                break;
            at += done;
            advanced(done);
        }

        return at - start;
    }

    private long CopySome(long at, long length)
    {
        if (_kernelCopies)
        {
            var copied = LibcFiles.CopyRange(from, to, at, length, out var error);
            if (copied > 0)
                return copied;
            if (copied < 0 && error is LibcFiles.ENOSPC or LibcFiles.EDQUOT or LibcFiles.EIO)
                return Fail(error, reading: error == LibcFiles.EIO);
            // Not supported between these file systems or for this kind of file: the data is copied by reads and writes, which also
            // distinguish the end from an error.
            _kernelCopies = false;
        }

        var read = LibcFiles.Read(from, _buffer.AsSpan(0, (int)Math.Min(_buffer.Length, length)), at, out var failed);
        if (read < 0)
            return Fail(failed, reading: true);
        for (nint written = 0; written < read; )
        {
            var more = LibcFiles.Write(to, _buffer.AsSpan((int)written, (int)(read - written)), at + written, out failed);
            if (more <= 0)
                return Fail(failed, reading: false);
            written += more;
        }

        return read;
    }

    private long Fail(int error, bool reading)
    {
        Failure = (error, reading);
        return -1;
    }
}
