using System.Net;
using System.Net.Http.Headers;
using Containerd.Oci.Archives;
using Containerd.Oci.Images;

namespace Containerd.Oci.Registry;

/// <summary>A response of a registry, whose body is read under the same guard with which the request was sent.</summary>
internal sealed class RegistryAnswer(HttpResponseMessage response, Uri uri, StallGuard guard, bool sentCredential) : IDisposable
{
    /// <summary>The address that responded, after all redirects.</summary>
    public Uri Uri => uri;

    /// <summary>Whether the request contained credentials.</summary>
    public bool SentCredential => sentCredential;

    private StallGuard Guard => guard;

    public HttpStatusCode Status => response.StatusCode;

    public bool IsSuccess => response.IsSuccessStatusCode;

    public HttpResponseHeaders Headers => response.Headers;

    public HttpContentHeaders ContentHeaders => response.Content.Headers;

    /// <summary>The content encodings of the body; the stated length is that of the encoded bytes.</summary>
    public IReadOnlyList<string> Codings => ContentCoding.Of(response.Content.Headers);

    /// <summary>The media type alone, without a charset; empty for none.</summary>
    public string MediaType => response.Content.Headers.ContentType?.MediaType ?? "";

    public string? Header(string name) => response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    /// <summary>Reads a small body completely; null if it is larger than the limit.</summary>
    public async Task<byte[]?> ReadAsync(int most, CancellationToken cancellationToken)
    {
        if (ContentHeaders.ContentLength > most)
            return null;
        using var memory = new MemoryStream();
        var buffer = new byte[1 << 14];
        var body = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var bodyDisposal = body.ConfigureAwait(false);
        while (await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var read and > 0)
        {
            if (memory.Length + read > most)
                return null;
            memory.Write(buffer, 0, read);
        }

        return memory.ToArray();
    }

    /// <summary>The body without its content encoding; it ends with the response.</summary>
    public Task<Stream> OpenAsync(CancellationToken cancellationToken) => OpenAsync(null, cancellationToken);

    /// <summary>A blob in the body, without the content encoding; it ends with the response.</summary>
    public async Task<Stream> OpenAsync(OciDescriptor? blob, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var body = new GuardedStream(await response.Content.ReadAsStreamAsync(CancellationToken.None).ConfigureAwait(false), this);
        return Codings.Count == 0
            ? body
            : await ContentCoding
                .DecodeAsync(body, Codings, MediaTypes.CompressionOf(blob?.MediaType ?? ""), uri, cancellationToken)
                .ConfigureAwait(false);
    }

    public void Dispose()
    {
        response.Dispose();
        guard.Dispose();
    }

    /// <summary>A body for which a timeout, or the end of the connection, is a specific fault.</summary>
    private sealed class GuardedStream(Stream body, RegistryAnswer answer) : ForwardStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var guard = answer.Guard;
            try
            {
                guard.Watch();
                var read = await body.ReadAsync(buffer, guard.Token).ConfigureAwait(false);
                guard.Rest(read);
                return read;
            }
            catch (OperationCanceledException) when (guard.HasStalled)
            {
                throw new RegistryFaultException(
                    RegistryErrors.Silent(
                        answer.Uri,
                        guard.Patience,
                        guard.Received == 0 ? "sent nothing more" : $"sent only {guard.Received} bytes"
                    )
                );
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                throw RegistryErrors.Broken(answer.Uri, e);
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                answer.Dispose();
            base.Dispose(disposing);
        }
    }
}
