using System.Net;
using Containerd.Oci.Images;
using Containerd.Oci.Registry;

namespace Containerd.Client.Images;

/// <summary>
/// A blob of the content store as the body of a request: it is read while it is sent, and a registry that stops reading is detected.
/// </summary>
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

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var sent = 0L;
        var last = ReadOnlyMemory<byte>.Empty;
        await _content
            .Reader.CopyAsync(
                _blob.Digest,
                async (data, stop) =>
                {
                    await SendAsync(last, stop).ConfigureAwait(false);
                    last = data;
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        // Only now that the content is verified: a damaged blob is never sent completely.
        await SendAsync(last, cancellationToken).ConfigureAwait(false);
        // From here on we wait for the registry.
        _guard.Watch();

        async ValueTask SendAsync(ReadOnlyMemory<byte> data, CancellationToken stop)
        {
            if (data.IsEmpty)
                return;
            _guard.Watch();
            await stream.WriteAsync(data, stop).ConfigureAwait(false);
            // Time for reading from the daemon does not count for the registry.
            _guard.Rest();
            _sent(sent += data.Length);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _blob.Size;
        return true;
    }
}
