using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Logs;

/// <summary>
/// A file that somebody else appends to, as a stream: a read at its end waits for more, and finds the end only when the process has ended
/// and its last byte has
/// arrived. The shim copies what a process wrote after it has told of the exit, so an exit alone is no end: the shim must have closed the
/// file, which the kernel
/// tells. Needs no daemon; so it goes on while one is away.
/// </summary>
internal sealed class FollowedFile : Stream
{
    /// <summary>How long a file may stay silent at its end, after the process's, before its writer counts as somebody else.</summary>
    private static readonly TimeSpan SilentGrace = TimeSpan.FromSeconds(2);

    /// <summary>How long one that does not stay silent is read on, after the process's end.</summary>
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

    /// <param name="path">The file, which must be there.</param>
    /// <param name="ended">
    /// Ends when the process has, whose output it is; a failure of it fails the read that waits for more. Null to take the file as it is
    /// now: its end is the end.
    /// </param>
    internal FollowedFile(string path, Task? ended)
    {
        _path = path;
        _ended = ended;
        _file = Open(path);
    }

    /// <param name="path">The file, which must be there.</param>
    /// <param name="fromEnd">Whether only what comes from now on is read.</param>
    internal FollowedFile(string path, bool fromEnd)
        : this(path, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
    {
        if (fromEnd)
            _position = Length;
    }

    private FollowedFile(string path, TaskCompletionSource finished)
        : this(path, finished.Task) => _finished = finished;

    /// <summary>
    /// The file that follows this one when its writer changes over, which it does once it has written its last to this one; null while
    /// there is none.
    /// </summary>
    internal Func<string, string?>? Next { get; init; }

    /// <summary>Whether all that a process wrote before its end is in the file; without it, that nobody has it open for writing.</summary>
    internal Func<CancellationToken, ValueTask<bool>>? Settled { get; init; }

    /// <summary>Cancelled when the file is to be taken as it is then, though its writer goes on.</summary>
    internal CancellationToken Enough { get; init; }

    /// <summary>
    /// Whether the end was taken for one, though somebody still has the file open for writing: a child that outlived its process.
    /// </summary>
    internal bool IsHeld { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => RandomAccess.GetLength(_file);

    /// <summary>How much of the current file was read.</summary>
    public override long Position
    {
        get => Interlocked.Read(ref _position);
        set => throw new NotSupportedException();
    }

    /// <summary>How much was written that has not been read.</summary>
    internal long Behind => Length - Position;

    /// <summary>The process has ended, where nothing else tells: what is written until nobody has the file open is the rest.</summary>
    internal void Finish() => _finished!.TrySetResult();

    /// <summary>Reads a part of the file, wherever the stream is.</summary>
    internal int ReadBefore(Span<byte> buffer, long position) => RandomAccess.Read(_file, buffer, position);

    /// <summary>Goes on reading from elsewhere in the file.</summary>
    internal void SkipTo(long position) => Interlocked.Exchange(ref _position, position);

    /// <summary>Takes the file up to a place, though it may be longer.</summary>
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
            // In this order: what was written before somebody was done with the file is there to be read afterwards.
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
                // Somebody has emptied it, as log rotation does.
                SkipTo(0);
                continue;
            }

            // Unless it was sent elsewhere meanwhile.
            if (Interlocked.CompareExchange(ref _position, position + count, position) != position)
                continue;
            if (count > 0)
                _silentSince = long.MaxValue;
            return count;
        }
    }

    /// <summary>Whether the file is to be taken as it is; what was written before that moment is in it by then.</summary>
    private async ValueTask<bool> IsEnoughAsync(CancellationToken cancellationToken)
    {
        if (!Enough.IsCancellationRequested)
            return false;
        if (!_flushed && Settled is not null)
            await Settled(cancellationToken).ConfigureAwait(false);
        _flushed = true;
        return true;
    }

    /// <summary>Whether nothing more comes of the process, which has ended.</summary>
    private async ValueTask<bool> IsSettledAsync(CancellationToken cancellationToken)
    {
        if (_ended is null || _settled)
            return true;
        var now = Environment.TickCount64;
        _endedAt = Math.Min(_endedAt, now);
        // Of a file system that does not tell of writers, silence alone is known: a file that has been silent for long enough needs no more
        // of it.
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
            // It has its own successor by now, and was the oldest.
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
            // The shim is about to close it: nobody tells of that where no inotify is.
            await Task.Delay(10, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (_change is not null)
        {
            await _change.WaitAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        // What was written before the watch began is looked for first.
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
