using Containerd.Host.Native;

namespace Containerd.Host.Streams;

/// <summary>
/// A stream that exists before its other end does. Reading a named pipe before a writer is there gives a false end, and writing to one
/// before a
/// reader is there fails: so both wait here until the process was started and the real stream is known. It also knows whether somebody
/// waits for
/// the process in it.
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

    /// <summary>
    /// Tells the shim, which holds a writing end of its own, that the input is at its end; called once, when its user has closed the
    /// stream.
    /// </summary>
    internal Func<Task>? Closed { get; set; }

    /// <summary>
    /// Whether a terminal reads it: then its end is a key, since a shim that is told to close it hangs the terminal up, output and all.
    /// </summary>
    internal bool Terminal { get; init; }

    /// <summary>Whether a read has been waiting for so many milliseconds, or for so long after a moment.</summary>
    internal bool IsSilent(long since, double milliseconds) =>
        Environment.TickCount64 - Math.Max(since, Interlocked.Read(ref _readingSince)) > milliseconds;

    /// <summary>Lets the waiting reads and writes through.</summary>
    internal void Open(Stream inner) => _inner.TrySetResult(inner);

    /// <summary>The process will not come: waiting reads find the end.</summary>
    internal void Abandon() => _inner.TrySetResult(Null);

    /// <summary>Frees the real stream, whoever still uses this one.</summary>
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
        // Before the process runs there is no pipe to close: nobody may be made to wait for that here.
        if (disposing)
            _ = CloseAsync();
        base.Dispose(disposing);
    }

    /// <summary>
    /// Closes the pipe that the process reads, once it is open, and tells the shim. What the process writes is still read, by whoever
    /// started it.
    /// </summary>
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
            // Inside a line the first one only hands the line over.
            byte[] keys = _insideLine
                ? [ControlCharacters.EndOfTransmission, ControlCharacters.EndOfTransmission]
                : [ControlCharacters.EndOfTransmission];
            await inner.WriteAsync(keys).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // It has ended meanwhile.
        }
    }
}
