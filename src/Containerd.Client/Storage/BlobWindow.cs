using Containerd.Oci.Archives;

namespace Containerd.Client.Storage;

/// <summary>
/// A blob of the content store as a stream that reads only what its user does not skip: the headers of a tar cost little, whatever the
/// sizes of its files are. The digest is not verified.
/// </summary>
internal sealed class BlobWindow(BlobReader reader, string digest) : ForwardStream
{
    private const int WindowSize = 256 * 1024;

    private ReadOnlyMemory<byte> _window;
    private long _position;

    public override bool CanSeek => true;

    public override long Position
    {
        get => _position;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        var target = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _position + offset,
            _ => throw new NotSupportedException(),
        };
        var skipped = target - _position;
        _window = skipped >= 0 && skipped < _window.Length ? _window[(int)skipped..] : default;
        return _position = target;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return 0;
        if (_window.IsEmpty)
            _window = await reader.ReadPartAsync(digest, _position, WindowSize, cancellationToken).ConfigureAwait(false);
        var count = Math.Min(buffer.Length, _window.Length);
        _window.Span[..count].CopyTo(buffer.Span);
        _window = _window[count..];
        _position += count;
        return count;
    }
}
