using System.IO.Compression;
using System.Net.Http.Headers;
using Containerd.Oci.Archives;
using ZstdSharp;

namespace Containerd.Oci.Registry;

/// <summary>
/// Content codings of responses (RFC 9110, section 8.4). Digests and sizes are those of the decoded bytes, as in Go's clients. Unlike in
/// those, a response whose header only names the compression of the blob itself (as a static server with a type map does for <c>.tar.gz</c>
/// files) is not decoded.
/// </summary>
internal static class ContentCoding
{
    /// <summary>The number of examined bytes: enough for the header of a coding and the first bytes after it.</summary>
    private const int HeadLength = 4096;

    /// <summary>The codings of a response in the order in which they were applied, without those that change nothing.</summary>
    public static IReadOnlyList<string> Of(HttpContentHeaders headers) =>
        [
            .. headers
                .ContentEncoding.Select(c => c.Trim().ToLowerInvariant())
                .Where(c => c is not ("" or "identity" or "aws-chunked"))
                .Select(c => c is "x-gzip" ? "gzip" : c),
        ];

    /// <summary>Returns a body without its codings.</summary>
    /// <param name="body">The encoded body.</param>
    /// <param name="codings">The codings, in the order in which they were applied.</param>
    /// <param name="compression">
    /// The coding that the content is stored in, so that its header is not mistaken for one that HTTP applied; null for none.
    /// </param>
    /// <param name="from">The source of the body, for errors.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrNotSupportedException">ContentEncodingNotSupported.</exception>
    public static async Task<Stream> DecodeAsync(
        Stream body,
        IReadOnlyList<string> codings,
        string? compression,
        Uri from,
        CancellationToken cancellationToken
    )
    {
        foreach (var coding in codings.Reverse())
        {
            if (coding is not ("gzip" or "deflate" or "zstd" or "br"))
            {
                throw new CtrNotSupportedException(
                    $"The registry {RegistryErrors.Authority(from)} sends its answer in the content encoding "
                        + $"'{CtrText.VisibleLine(coding)}', which is not supported."
                )
                {
                    ErrorId = ErrorIds.ContentEncodingNotSupported,
                    Subject = from.Authority,
                    Remedy = "Configure the registry, or the proxy in front of it, to send gzip, deflate, zstd, br or no content encoding.",
                };
            }

            var head = new byte[HeadLength];
            var length = await body.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            var whole = new PrefixedStream(head.AsMemory(0, length), body);
            body = IsCoded(head.AsSpan(0, length), coding, codings.Count == 1 ? compression : null)
                ? new DecodedStream(Open(whole, coding), from)
                : whole;
        }

        return body;
    }

    private static bool IsCoded(ReadOnlySpan<byte> head, string coding, string? compression)
    {
        if (!StartsAs(head, coding))
            return false;
        if (compression != coding)
            return true;
        try
        {
            // Content that is stored in this coding was encoded again only if its own header follows that of the coding.
            using var decoded = Open(new MemoryStream(head.ToArray()), coding);
            var start = new byte[4];
            return StartsAs(start.AsSpan(0, decoded.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)), coding);
        }
        catch (Exception e) when (e is InvalidDataException or ZstdException or IOException)
        {
            return false;
        }
    }

    private static bool StartsAs(ReadOnlySpan<byte> head, string coding) =>
        coding switch
        {
            "gzip" => head is [0x1f, 0x8b, ..],
            "zstd" => head is [0x28, 0xb5, 0x2f, 0xfd, ..] or [>= 0x50 and <= 0x5f, 0x2a, 0x4d, 0x18, ..],
            _ => head.Length > 0,
        };

    private static Stream Open(Stream body, string coding) =>
        coding switch
        {
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            "zstd" => new DecompressionStream(body, leaveOpen: false),
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            // In the standard, deflate means the zlib format; some servers send the raw data.
            _ => body is PrefixedStream { Head: [var cmf, var flags, ..] } && (cmf & 0x0f) == 8 && ((cmf << 8) | flags) % 31 == 0
                ? new ZLibStream(body, CompressionMode.Decompress)
                : new DeflateStream(body, CompressionMode.Decompress),
        };

    /// <summary>A body whose first bytes were already read.</summary>
    private sealed class PrefixedStream(ReadOnlyMemory<byte> head, Stream rest) : ForwardStream
    {
        private int _given;

        public byte[] Head => head[..Math.Min(head.Length, 2)].ToArray();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_given == head.Length)
                return await rest.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            var count = Math.Min(buffer.Length, head.Length - _given);
            head.Slice(_given, count).CopyTo(buffer);
            _given += count;
            return count;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                rest.Dispose();
            base.Dispose(disposing);
        }
    }

    /// <summary>A decoded body; damage in it is a fault of the registry that may not occur in a retry.</summary>
    private sealed class DecodedStream(Stream decoder, Uri from) : ForwardStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return await decoder.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is InvalidDataException or ZstdException or EndOfStreamException)
            {
                throw RegistryErrors.Broken(from, e);
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                decoder.Dispose();
            base.Dispose(disposing);
        }
    }
}
