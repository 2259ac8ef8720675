using System.Security.Cryptography;
using Containerd.Oci.Archives;
using Containerd.Oci.Images;

namespace Containerd.Client.Storage;

/// <summary>A blob of the content store as a stream; at its end, its length and digest are compared with the expected ones.</summary>
internal sealed class BlobStream(
    ContentStore content,
    OciDescriptor blob,
    ImageOrigin origin,
    Action<int>? read,
    CancellationToken cancellationToken
) : ForwardStream
{
    private readonly IAsyncEnumerator<ReadOnlyMemory<byte>> _chunks = content
        .ReadAsync(blob.Digest, cancellationToken)
        .GetAsyncEnumerator(cancellationToken);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private ReadOnlyMemory<byte> _chunk;
    private long _count;
    private bool _ended;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_chunk.IsEmpty && !_ended && !buffer.IsEmpty)
            await NextAsync().ConfigureAwait(false);
        var count = Math.Min(buffer.Length, _chunk.Length);
        _chunk.Span[..count].CopyTo(buffer.Span);
        _chunk = _chunk[count..];
        return count;
    }

    public override async ValueTask DisposeAsync()
    {
        _hash.Dispose();
        await _chunks.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private async Task NextAsync()
    {
        try
        {
            _ended = !await _chunks.MoveNextAsync().ConfigureAwait(false);
        }
        catch (CtrNotFoundException e)
        {
            throw origin.Fault($"{blob.Digest} is missing", cause: e);
        }

        if (!_ended)
        {
            _chunk = _chunks.Current;
            _count += _chunk.Length;
            _hash.AppendData(_chunk.Span);
            read?.Invoke(_chunk.Length);
            if (_count <= blob.Size)
                return;
        }

        if (_count != blob.Size)
            throw origin.Mismatch(
                $"{blob.Digest} has {(_ended ? "only" : "at least")} {_count} bytes where its descriptor says {blob.Size}"
            );
        var digest = "sha256:" + Convert.ToHexString(_hash.GetHashAndReset()).ToLowerInvariant();
        if (digest != blob.Digest)
            throw origin.Mismatch($"the store's copy of {blob.Digest} is damaged: its bytes have the digest {digest}");
    }
}
