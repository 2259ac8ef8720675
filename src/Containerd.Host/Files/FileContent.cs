using System.Buffers;
using System.Runtime.Versioning;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Files;

/// <summary>Copies what is in a file, and leaves its holes holes.</summary>
[SupportedOSPlatform("linux")]
internal sealed class FileContent(SafeFileHandle from, SafeFileHandle to, CancellationToken cancellationToken)
{
    // Small enough for Ctrl+C on a slow disk.
    private const int Chunk = 4 << 20;

    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
    private bool _kernelCopies = true;

    /// <summary>Why it went wrong, and where: when it did.</summary>
    internal (int Error, bool Reading) Failure { get; private set; }

    /// <summary>Copies everything.</summary>
    /// <param name="size">The size that the file says it has; some of the kernel's own say 0 or too much.</param>
    /// <param name="advanced">Is told how many bytes were copied.</param>
    /// <returns>Whether it went well; else <see cref="Failure"/> has the reason.</returns>
    internal bool Copy(long size, Action<long> advanced)
    {
        try
        {
            // What grows meanwhile is taken as it was; what says nothing of its size is read to its end.
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
                    // It is shorter than it said.
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

    /// <returns>How much there was until the given place; -1 for a failure.</returns>
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
            // Not between these file systems, or not for a file of this kind: by hand, then, which also tells an end from a refusal.
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
