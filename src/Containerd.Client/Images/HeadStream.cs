namespace Containerd.Client;

/// <summary>A file's data on its way: its first bytes are kept, and each read is told of.</summary>
internal sealed class HeadStream(Stream data, Action? onRead) : Stream
{
    private readonly byte[] _head = new byte[4];
    private int _length;

    /// <summary>Whether the data begins as gzip or zstd does.</summary>
    public bool IsCompressed => _head.AsSpan(0, _length) is [0x1f, 0x8b, 0x08, ..] or [0x28, 0xb5, 0x2f, 0xfd] or [>= 0x50 and <= 0x5f, 0x2a, 0x4d, 0x18];

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await data.ReadAsync(buffer, cancellationToken);
        var kept = Math.Min(read, _head.Length - _length);
        buffer.Span[..kept].CopyTo(_head.AsSpan(_length));
        _length += kept;
        onRead?.Invoke();
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
