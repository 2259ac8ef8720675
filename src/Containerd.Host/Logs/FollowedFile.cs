using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Logs;

/// <summary>
/// A file that another process appends to, as a stream: a read at its end waits for more data, and returns the end only when the process
/// has exited and its last byte has arrived. The shim may still copy output of a process after it has reported the exit, so an exit alone
/// is not the end: the shim must have closed the file, which the kernel reports. It does not need the daemon, so it works while the daemon
/// is unavailable.
/// </summary>
internal sealed class FollowedFile : Stream
{
    /// <summary>
    /// How long a file may be silent at its end, after the process has exited, before its writer is considered another process.
    /// </summary>
    private static readonly TimeSpan SilentGrace = TimeSpan.FromSeconds(2);

    /// <summary>How long a file that is not silent is read after the process has exited.</summary>
    private static readonly TimeSpan BusyGrace = TimeSpan.FromSeconds(10);

    private readonly Task? _ended;
    private readonly TaskCompletionSource? _finished;
    private SafeFileHandle _file;
    private FileChange? _change;
    private string _path;
    private long _position;
    private long _silentSince = long.MaxValue;
    private long _endedAt = long.MaxValue;
    private long _limit = long.MaxValue;
    private bool _settled;
    private bool _flushed;
    private bool _disposed;

    /// <param name="path">The file, which must exist.</param>
    /// <param name="ended">
    /// Completes when the process that writes the output has exited; a failure of the task fails the read that waits for more. Null to read
    /// only the current content of the file.
    /// </param>
    internal FollowedFile(string path, Task? ended)
    {
        _path = path;
        _ended = ended;
        _file = Open(path);
    }

    /// <param name="path">The file, which must exist.</param>
    /// <param name="fromEnd">Whether only new data is read.</param>
    internal FollowedFile(string path, bool fromEnd)
        : this(path, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
    {
        if (fromEnd)
            _position = Length;
    }

    private FollowedFile(string path, TaskCompletionSource finished)
        : this(path, finished.Task) => _finished = finished;

    /// <summary>
    /// The next file when the writer switches files, which it does after its last write to this one; null while there is none.
    /// </summary>
    internal Func<string, string?>? Next { get; init; }

    /// <summary>
    /// Whether all output of a process before its exit is in the file; the default is that no process has it open for writing.
    /// </summary>
    internal Func<CancellationToken, ValueTask<bool>>? Settled { get; init; }

    /// <summary>Cancelled when only the content at that time should be read, although the writer continues.</summary>
    internal CancellationToken Enough { get; init; }

    /// <summary>
    /// Whether the stream ended although another process still has the file open for writing: a child that outlived its parent.
    /// </summary>
    internal bool IsHeld { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => RandomAccess.GetLength(_file);

    /// <summary>The number of bytes read from the current file.</summary>
    public override long Position
    {
        get => Interlocked.Read(ref _position);
        set => throw new NotSupportedException();
    }

    /// <summary>The number of written bytes that have not been read.</summary>
    internal long Behind => Length - Position;

    /// <summary>
    /// Reports the exit of the process if it is not known otherwise: the data that is written until the file is closed is the rest.
    /// </summary>
    internal void Finish() => _finished!.TrySetResult();

    /// <summary>Reads a part of the file, regardless of the position of the stream.</summary>
    internal int ReadBefore(Span<byte> buffer, long position) => RandomAccess.Read(_file, buffer, position);

    /// <summary>Continues reading at another position in the file.</summary>
    internal void SkipTo(long position) => Interlocked.Exchange(ref _position, position);

    /// <summary>Reads the file only up to a position, even if it is longer.</summary>
    internal void LimitTo(long position) => _limit = position;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Read(buffer) is var count and > 0)
                return count;
            if (_ended?.IsCompleted == true)
                await _ended.ConfigureAwait(false);
            // In this order: data that was written before the file was closed can be read afterwards.
            var settled =
                await IsEnoughAsync(cancellationToken).ConfigureAwait(false)
                || (_ended?.IsCompleted != false && await IsSettledAsync(cancellationToken).ConfigureAwait(false));
            var changeOver = Next?.Invoke(_path);
            if (Read(buffer) is var last and > 0)
                return last;
            if (changeOver is not null)
                ChangeTo(changeOver);
            else if (settled)
                return 0;
            else
                await WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush() { }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _change?.Dispose();
            _file.Dispose();
        }

        base.Dispose(disposing);
    }

    private static SafeFileHandle Open(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    private int Read(Memory<byte> buffer)
    {
        while (true)
        {
            var position = Position;
            var count = RandomAccess.Read(_file, buffer.Span[..(int)Math.Clamp(_limit - position, 0, buffer.Length)], position);
            if (count == 0 && _limit == long.MaxValue && position > Length)
            {
                // The file was truncated, as by log rotation.
                SkipTo(0);
                continue;
            }

            // Unless the position was changed in the meantime.
            if (Interlocked.CompareExchange(ref _position, position + count, position) != position)
                continue;
            if (count > 0)
                _silentSince = long.MaxValue;
            return count;
        }
    }

    /// <summary>Whether only the current content is read; data written before that moment is then in the file.</summary>
    private async ValueTask<bool> IsEnoughAsync(CancellationToken cancellationToken)
    {
        if (!Enough.IsCancellationRequested)
            return false;
        if (!_flushed && Settled is not null)
            await Settled(cancellationToken).ConfigureAwait(false);
        _flushed = true;
        return true;
    }

    /// <summary>Whether no more output of the exited process is expected.</summary>
    private async ValueTask<bool> IsSettledAsync(CancellationToken cancellationToken)
    {
        if (_ended is null || _settled)
            return true;
        var now = Environment.TickCount64;
        _endedAt = Math.Min(_endedAt, now);
        // On a file system that does not report writers, only silence is known: a file that has been silent long enough is complete.
        _settled =
            Settled is not null ? await Settled(cancellationToken).ConfigureAwait(false)
            : OperatingSystem.IsLinux() && LibcWatch.HasWriter(_file) is bool writer ? !writer
            : DateTime.UtcNow - File.GetLastWriteTimeUtc(_file) > SilentGrace;
        if (_settled)
            return true;
        var silent = now - _silentSince > SilentGrace.TotalMilliseconds;
        if (!silent && now - _endedAt <= BusyGrace.TotalMilliseconds)
            return false;
        _settled = IsHeld = true;
        _limit = Math.Min(_limit, Length);
        return true;
    }

    private void ChangeTo(string path)
    {
        SafeFileHandle next;
        try
        {
            next = Open(path);
        }
        catch (FileNotFoundException)
        {
            // It already has a successor, and was the oldest file.
            return;
        }

        _change?.Dispose();
        _change = null;
        _file.Dispose();
        _file = next;
        _path = path;
        SkipTo(0);
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        _silentSince = Math.Min(_silentSince, Environment.TickCount64);
        if (_ended!.IsCompleted)
        {
            // The shim is about to close it, which is not reported without inotify.
            await Task.Delay(10, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (_change is not null)
        {
            await _change.WaitAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        // Data that was written before the watch started is checked first.
        var change = _change = new FileChange(_path);
        Enough.Register(change.Wake);
        _ = _ended.ContinueWith(
            _ => change.Wake(),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }
}
