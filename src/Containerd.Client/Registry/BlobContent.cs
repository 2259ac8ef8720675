using System.Net;
using System.Security.Cryptography;

namespace Containerd.Client;

/// <summary>A blob of the content store as a request's body: read while it is sent, and watched for a registry that takes no more.</summary>
internal sealed class BlobContent : HttpContent
{
    private readonly ContentStore _content;
    private readonly OciDescriptor _blob;
    private readonly StallGuard _guard;
    private readonly Action<long> _sent;

    public BlobContent(ContentStore content, OciDescriptor blob, StallGuard guard, Action<long> sent)
    {
        (_content, _blob, _guard, _sent) = (content, blob, guard, sent);
        Headers.ContentType = new("application/octet-stream");
        Headers.ContentLength = blob.Size;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var sent = 0L;
        using var hash = IncrementalHash.CreateHash(_blob.Digest.StartsWith("sha512:", StringComparison.Ordinal) ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256);
        await foreach (var data in _content.ReadAsync(_blob.Digest, cancellationToken))
        {
            hash.AppendData(data.Span);
            sent += data.Length;
            // Before the last byte is on its way: no registry is given what it would have to refuse.
            if (sent == _blob.Size) RequireWhole(hash);
            _guard.Watch();
            await stream.WriteAsync(data, cancellationToken);
            // While the daemon reads on, the registry is not late.
            _guard.Rest();
            _sent(sent);
        }

        // From here on the registry has the turn.
        _guard.Watch();
    }

    private void RequireWhole(IncrementalHash hash)
    {
        var found = $"{_blob.Digest.Split(':')[0]}:{Convert.ToHexString(hash.GetCurrentHash()).ToLowerInvariant()}";
        if (found != _blob.Digest)
            throw new CtrDataException($"The content store has something else as {_blob.Digest}: {found}.") { ErrorId = "DigestMismatch", Subject = _blob.Digest, Remedy = "Remove the image and pull it anew." };
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _blob.Size;
        return true;
    }
}
