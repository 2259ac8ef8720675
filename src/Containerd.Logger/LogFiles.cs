using System.Globalization;
using System.Text;

namespace Containerd.Logger;

/// <summary>
/// The files of one task's output: <c>PATH.1.log</c>, <c>PATH.2.log</c>, … Complete records are appended, and files are never renamed: the
/// next one is started after the last record of the previous one, and the oldest are removed. A record is a line, or a part of one, in the
/// form of Kubernetes' container logs: <c>2024-05-06T07:08:09.1234567Z stdout F text</c>, with P instead of F if the line continues.
/// </summary>
internal sealed class LogFiles
{
    /// <summary>The maximum number of bytes of a line in one record.</summary>
    private const int MaxText = 16 * 1024;

    private const int MaxHead = 40;

    /// <summary>The number of bytes above the limit that are kept for readers of the oldest files.</summary>
    private const long ReadersReserve = 256L << 20;

    private readonly LogSettings _settings;
    private readonly byte[] _records = new byte[64 * 1024];
    private readonly Queue<(long Number, long Size)> _older = [];
    private int _pending;
    private int _file;
    private long _number = 1;
    private long _size;
    private long _olderSize;
    private long _lost;
    private DateTime _time;

    internal LogFiles(LogSettings settings)
    {
        _settings = settings;
        _file = Libc.OpenToAppend(PathOf(_number));
        _size = Libc.Length(_file);
    }

    internal void Append(int stream, ReadOnlySpan<byte> chunk)
    {
        // If the clock is set back, lines must not become older than earlier ones.
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

    /// <summary>Removes the oldest surplus files, unless they have readers.</summary>
    internal void Prune()
    {
        while (_settings.MaxSize > 0 && _older.Count >= _settings.MaxFiles)
        {
            var (number, size) = _older.Peek();
            var path = PathOf(number);
            if (Libc.IsLocked(path) && _olderSize <= (_settings.MaxSize * _settings.MaxFiles) + ReadersReserve)
                return;
            Libc.Delete(path);
            _older.Dequeue();
            _olderSize -= size;
        }
    }

    private void Add(int stream, ReadOnlySpan<byte> text, bool whole)
    {
        var needed = MaxHead + text.Length + 1;
        if (_settings.MaxSize > 0 && _size + _pending > 0 && _size + _pending + needed > _settings.MaxSize)
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
            // Reports it in the log, once there is space again.
            var note = Encoding.UTF8.GetBytes(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{_time:O} stderr F (containerd-logger: {_lost} bytes of this log could not be written)\n"
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

    /// <summary>Writes everything or, on a full disk, nothing: the task must neither wait nor fail.</summary>
    private bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        var done = 0;
        while (done < bytes.Length)
        {
            var count = Libc.Write(_file, bytes[done..]);
            if (count <= 0)
            {
                Libc.Truncate(_file, _size);
                return false;
            }

            done += count;
        }

        _size += bytes.Length;
        return true;
    }

    private void ChangeOver()
    {
        int next;
        try
        {
            next = Libc.OpenToAppend(PathOf(_number + 1));
        }
        catch (IOException)
        {
            // The current file exceeds its limit in the meantime.
            return;
        }

        Libc.Close(_file);
        _older.Enqueue((_number, _size));
        _olderSize += _size;
        _file = next;
        _number++;
        _size = 0;
        Prune();
    }

    private string PathOf(long number) => string.Create(CultureInfo.InvariantCulture, $"{_settings.Path}.{number}.log");
}
