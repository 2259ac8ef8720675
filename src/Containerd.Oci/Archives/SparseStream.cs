namespace Containerd.Oci.Archives;

/// <summary>A sparse file with its holes filled with zeros.</summary>
internal sealed class SparseStream(TarDataStream data, SparseMap map) : ForwardStream
{
    private long _position;
    private int _extent;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_extent < map.Extents.Count && _position >= map.Extents[_extent].Offset + map.Extents[_extent].Length)
            _extent++;
        var next = _extent < map.Extents.Count ? map.Extents[_extent] : (Offset: map.Length, Length: 0);
        int count;
        if (_position < next.Offset)
        {
            count = (int)Math.Min(buffer.Length, next.Offset - _position);
            buffer.Span[..count].Clear();
        }
        else
        {
            count = (int)Math.Min(buffer.Length, next.Offset + next.Length - _position);
            count = await data.ReadAsync(buffer[..count], cancellationToken).ConfigureAwait(false);
        }

        _position += count;
        return count;
    }
}
