using System.Buffers;

namespace Containerd.Oci.Archives;

/// <summary>The data of one entry within a tar.</summary>
internal sealed class TarDataStream(Stream tar, long size) : ForwardStream
{
    private long _left = size;
    private int _padding = (int)((Tar.BlockSize - (size % Tar.BlockSize)) % Tar.BlockSize);

    /// <summary>The number of remaining bytes.</summary>
    internal long Left => _left;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left == 0 || buffer.IsEmpty)
            return 0;
        var read = await tar.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken).ConfigureAwait(false);
        if (read == 0)
            throw new EndOfStreamException();
        _left -= read;
        return read;
    }

    /// <summary>Moves to the next header.</summary>
    internal async Task SkipRestAsync(CancellationToken cancellationToken)
    {
        if (tar.CanSeek)
        {
            tar.Seek(_left + _padding, SeekOrigin.Current);
            (_left, _padding) = (0, 0);
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            while (await ReadAsync(buffer, cancellationToken).ConfigureAwait(false) > 0) { }

            await tar.ReadExactlyAsync(buffer.AsMemory(0, _padding), cancellationToken).ConfigureAwait(false);
            _padding = 0;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
