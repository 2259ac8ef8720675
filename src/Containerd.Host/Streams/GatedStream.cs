using Containerd.Host.Native;

namespace Containerd.Host.Streams;

/// <summary>
/// A stream that exists before its other end. Reading a named pipe without a writer returns a false end, and writing to one without a
/// reader fails: so both wait here until the process has started and the real stream is known. It also knows whether a caller waits for the
/// process in it.
/// </summary>
internal sealed class GatedStream(bool writes) : Stream
{
    private bool _insideLine;
    private readonly TaskCompletionSource<Stream> _inner = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _readingSince = long.MaxValue;
    private volatile bool _atEnd;
    private int _closed;

    public override bool CanRead => !writes;

    public override bool CanSeek => false;

    public override bool CanWrite => writes;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Whether a read has seen the end.</summary>
    internal bool IsAtEnd => _atEnd;

    /// <summary>Closes the input in the shim, which has its own writing end; called once, when its user has closed the stream.</summary>
    internal Func<Task>? Closed { get; set; }

    /// <summary>
    /// Whether a terminal reads it: then its end is sent as a key, because a shim that closes it would hang up the whole terminal,
    /// including its output.
    /// </summary>
    internal bool Terminal { get; init; }

    /// <summary>Whether a read has been waiting for this many milliseconds, or for this long after a time.</summary>
    internal bool IsSilent(long since, double milliseconds) =>
        Environment.TickCount64 - Math.Max(since, Interlocked.Read(ref _readingSince)) > milliseconds;

    /// <summary>Releases the waiting reads and writes.</summary>
    internal void Open(Stream inner) => _inner.TrySetResult(inner);

    /// <summary>The process will not start: waiting reads get the end.</summary>
    internal void Abandon() => _inner.TrySetResult(Null);

    /// <summary>Disposes the real stream, even if this one is still in use.</summary>
    internal void Shut()
    {
        if (!_inner.TrySetResult(Null))
            _inner.Task.Result.Dispose();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var inner = await _inner.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        Interlocked.Exchange(ref _readingSince, Environment.TickCount64);
        try
        {
            var count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            _atEnd |= count == 0 && buffer.Length > 0;
            return count;
        }
        finally
        {
            Interlocked.Exchange(ref _readingSince, long.MaxValue);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var inner = await _inner.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (!buffer.IsEmpty)
            _insideLine = buffer.Span[^1] != '\n';
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Write(byte[] buffer, int offset, int count) =>
        WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        // Before the process is running there is no pipe to close, and callers must not wait for it here.
        if (disposing)
            _ = CloseAsync();
        base.Dispose(disposing);
    }

    /// <summary>Closes the pipe that the process reads, once it is open, and its input in the shim. Its output is still read.</summary>
    private async Task CloseAsync()
    {
        if (!writes || Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        var inner = await _inner.Task.ConfigureAwait(false);
        if (Terminal)
            await PressEndOfInputAsync(inner).ConfigureAwait(false);
        await inner.DisposeAsync().ConfigureAwait(false);
        if (Closed is not null && !Terminal)
            await Closed().ConfigureAwait(false);
    }

    private async Task PressEndOfInputAsync(Stream inner)
    {
        try
        {
            // Within a line, the first one only submits the line.
            byte[] keys = _insideLine
                ? [ControlCharacters.EndOfTransmission, ControlCharacters.EndOfTransmission]
                : [ControlCharacters.EndOfTransmission];
            await inner.WriteAsync(keys).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // It has exited in the meantime.
        }
    }
}
