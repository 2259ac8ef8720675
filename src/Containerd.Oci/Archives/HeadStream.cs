namespace Containerd.Oci.Archives;

/// <summary>The data of a file in transfer: its first bytes are kept, and each read is reported.</summary>
internal sealed class HeadStream(Stream data, Action? onRead) : ForwardStream
{
    private readonly byte[] _head = new byte[4];
    private int _length;

    /// <summary>Whether the data starts like gzip or zstd data.</summary>
    public bool IsCompressed =>
        _head.AsSpan(0, _length) is [0x1f, 0x8b, 0x08, ..] or [0x28, 0xb5, 0x2f, 0xfd] or [>= 0x50 and <= 0x5f, 0x2a, 0x4d, 0x18];

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await data.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        var kept = Math.Min(read, _head.Length - _length);
        buffer.Span[..kept].CopyTo(_head.AsSpan(_length));
        _length += kept;
        onRead?.Invoke();
        return read;
    }
}
