namespace Containerd.Client;

/// <summary>
/// A stream that exists before its other end does. Reading a named pipe before a writer is there gives a false end, and writing to one before a
/// reader is there fails: so both wait here until the process was started and the real stream is known.
/// </summary>
internal sealed class GatedStream(bool writes) : Stream
{
    private readonly TaskCompletionSource<Stream> _inner = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override bool CanRead => !writes;

    public override bool CanSeek => false;

    public override bool CanWrite => writes;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Lets the waiting reads and writes through.</summary>
    internal void Open(Stream inner) => _inner.TrySetResult(inner);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var inner = await _inner.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        return await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var inner = await _inner.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => _inner.Task.GetAwaiter().GetResult().Read(buffer, offset, count);

    public override void Write(byte[] buffer, int offset, int count) => _inner.Task.GetAwaiter().GetResult().Write(buffer, offset, count);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_inner.TrySetResult(Null))
            _inner.Task.Result.Dispose();
        base.Dispose(disposing);
    }
}
