using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using Containerd.Host.Helpers;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Logs;

/// <summary>
/// Writes the output of one task: <c>PREFIX.1.log</c>, <c>PREFIX.2.log</c>, … They are only ever appended to, in whole records, and never
/// renamed: the next file begins after the last record of the one before, and the oldest ones are deleted. A record is a line, or a part of
/// one, in the format of Kubernetes' container logs: <c>2024-05-06T07:08:09.1234567Z stdout F text</c>, with P instead of F where the line
/// continues. <see cref="LogRecords"/> reads them.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class LogWriter : IDisposable
{
    /// <summary>The maximum number of bytes of a line in one record.</summary>
    private const int MaxText = 16 * 1024;

    private const int MaxHead = 40;

    /// <summary>How many bytes above the limit are kept for a reader of the oldest files.</summary>
    private const long ReadersReserve = 256L << 20;

    private readonly LogWriterOptions _options;
    private readonly byte[] _records = new byte[64 * 1024];
    private readonly Queue<(long Number, long Size)> _older = [];
    private int _pending;
    private SafeFileHandle _file;
    private long _number = 1;
    private long _size;
    private long _olderSize;
    private long _lost;
    private DateTime _time;

    /// <param name="options">The options for one start.</param>
    /// <param name="lost">The number of bytes of its output that could not be written before.</param>
    internal LogWriter(LogWriterOptions options, long lost = 0)
    {
        _options = options;
        _lost = lost;
        _file = Libc.OpenToAppend(PathOf(_number));
        _size = LibcFiles.LengthOf(_file);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    internal void Append(int stream, ReadOnlySpan<byte> chunk)
    {
        // After the clock was set back, a line must not be older than the one before it.
        var now = DateTime.UtcNow;
        _time = now > _time ? now : _time;
        while (!chunk.IsEmpty)
        {
            var end = chunk.IndexOf((byte)'\n');
            var length = Math.Min(end < 0 ? chunk.Length : end, MaxText);
            var whole = length == end;
            Add(stream, chunk[..length], whole);
            chunk = chunk[(whole ? length + 1 : length)..];
        }

        Write();
    }

    /// <summary>Deletes the oldest files above the limit, unless a reader still uses them.</summary>
    internal void Prune()
    {
        while (_options.MaxSize > 0 && _older.Count >= _options.MaxFiles)
        {
            var (number, size) = _older.Peek();
            var path = PathOf(number);
            if (IsLocked(path) && _olderSize <= (_options.MaxSize * _options.MaxFiles) + ReadersReserve)
                return;
            LibcFiles.Delete(path);
            _older.Dequeue();
            _olderSize -= size;
        }
    }

    private void Add(int stream, ReadOnlySpan<byte> text, bool whole)
    {
        var needed = MaxHead + text.Length + 1;
        if (_options.MaxSize > 0 && _size + _pending > 0 && _size + _pending + needed > _options.MaxSize)
        {
            Write();
            ChangeOver();
        }

        if (_pending + needed > _records.Length)
            Write();
        _time.TryFormat(_records.AsSpan(_pending), out var written, "O", CultureInfo.InvariantCulture);
        _pending += written;
        Put(stream == 0 ? " stdout "u8 : " stderr "u8);
        Put(whole ? "F "u8 : "P "u8);
        Put(text);
        Put("\n"u8);
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_records.AsSpan(_pending));
        _pending += bytes.Length;
    }

    private void Write()
    {
        var records = _records.AsSpan(0, _pending);
        _pending = 0;
        if (records.IsEmpty)
            return;
        if (_lost > 0)
        {
            // The log says so as soon as there is space again.
            var note = Encoding.UTF8.GetBytes(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{_time:O} stderr F ({HelperContract.Program}: {_lost} bytes of this log could not be written)\n"
                )
            );
            if (!TryWrite(note))
            {
                _lost += records.Length;
                return;
            }

            _lost = 0;
        }

        if (!TryWrite(records))
            _lost += records.Length;
    }

    /// <summary>Writes all of it or, on a full disk, nothing: the task must neither wait nor fail.</summary>
    private bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        var done = 0;
        while (done < bytes.Length)
        {
            var count = LibcPoll.Write(_file, bytes[done..]);
            if (count <= 0)
            {
                _ = LibcFiles.SetLength(_file, _size);
                return false;
            }

            done += count;
        }

        _size += bytes.Length;
        return true;
    }

    private void ChangeOver()
    {
        SafeFileHandle next;
        try
        {
            next = Libc.OpenToAppend(PathOf(_number + 1));
        }
        catch (IOException)
        {
            // The current file grows beyond its limit in the meantime.
            return;
        }

        _file.Dispose();
        _older.Enqueue((_number, _size));
        _olderSize += _size;
        _file = next;
        _number++;
        _size = 0;
        Prune();
    }

    private string PathOf(long number) => LogPaths.PartOf(_options.Prefix, number);

    /// <summary>Whether a process reads a file: readers hold a shared lock on it.</summary>
    private static bool IsLocked(string path)
    {
        using var file = LibcMounts.Open(path, LibcMounts.O_RDONLY, out _);
        return file is not null && !LibcFiles.TryLock(file);
    }
}
