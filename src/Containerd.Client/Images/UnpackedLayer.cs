using System.Security.Cryptography;
using Containerd.Client.Storage;
using Containerd.Oci.Archives;
using Containerd.Oci.Images;

namespace Containerd.Client.Images;

/// <summary>The uncompressed form of a layer.</summary>
internal static class UnpackedLayer
{
    /// <summary>Its digest, which identifies the layer in an image's config, and its length.</summary>
    /// <exception cref="InvalidDataException">It cannot be unpacked.</exception>
    public static async Task<(string Digest, long Length)> MeasureAsync(
        ContentStore content,
        OciDescriptor layer,
        ImageOrigin origin,
        CancellationToken cancellationToken
    )
    {
        var blob = new BlobStream(content, layer, origin, null, cancellationToken);
        await using var blobDisposal = blob.ConfigureAwait(false);
        var data = await ArchiveStream.OpenAsync(blob, cancellationToken).ConfigureAwait(false);
        await using var dataDisposal = data.ConfigureAwait(false);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 17];
        var length = 0L;
        try
        {
            for (int read; (read = await data.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0; length += read)
                hash.AppendData(buffer, 0, read);
            // Read the data after the compressed data, so that the digest of the blob is compared.
            while (await blob.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) > 0) { }
        }
        catch (ZstdSharp.ZstdException e)
        {
            throw new InvalidDataException(e.Message, e);
        }

        return ("sha256:" + Convert.ToHexString(hash.GetHashAndReset()).ToLowerInvariant(), length);
    }
}
