namespace Containerd.Client.Transport.Ssh;

/// <summary>
/// One stream through a tunnel. ssh accepts every stream before it knows whether the socket on the other host can be opened, and drops it
/// if it cannot: so the end of a stream without any data becomes the error that ssh reports for it.
/// </summary>
/// <param name="inner">The stream to ssh; disposed with this one.</param>
/// <param name="refusal">Returns the error, if there is one.</param>
internal sealed class TunnelStream(Stream inner, Func<Task<CtrException?>> refusal) : Stream
{
    private bool _began;
    private CtrException? _refused;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (count == 0 && buffer.Length > 0 && !_began && await RefusalAsync().ConfigureAwait(false) is { } why)
                throw why;
            _began |= count > 0;
            return count;
        }
        catch (IOException) when (!_began)
        {
            if (await RefusalAsync().ConfigureAwait(false) is { } why)
                throw why;
            throw;
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException) when (!_began)
        {
            if (await RefusalAsync().ConfigureAwait(false) is { } why)
                throw why;
            throw;
        }
        catch (ObjectDisposedException) when (_refused is not null)
        {
            // The HTTP/2 handshake writes while another of its tasks reads: the failed read disposes of the stream, and the write, whose
            // error is the one that the handshake reports, comes too late.
            throw _refused;
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<CtrException?> RefusalAsync() => _refused = await refusal().ConfigureAwait(false) ?? _refused;

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
