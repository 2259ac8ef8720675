using System.Security.Cryptography;
using Containerd.Oci;
using Containerd.Oci.Images;

namespace Containerd.Client.Storage;

/// <summary>The bytes to write, counted and hashed on their way.</summary>
internal sealed class BlobSource(Stream stream, long size, byte[] buffer, string? expected, IProgress<ImageProgress>? progress)
{
    // The size that Go's clients use; the limit for a message is 16 MiB.
    internal const int ChunkSize = 1 << 20;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash? _pin =
        expected is null || DigestPin.IsStored(expected) ? null : IncrementalHash.CreateHash(DigestPin.NameOf(expected));

    /// <summary>The number of bytes.</summary>
    internal long Size => size;

    /// <summary>The number of bytes that were read.</summary>
    internal long Offset { get; private set; }

    /// <summary>Reads the next chunk.</summary>
    internal Task<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken) => ReadAsync(size, cancellationToken);

    private async Task<ReadOnlyMemory<byte>> ReadAsync(long until, CancellationToken cancellationToken)
    {
        var wanted = (int)Math.Min(Math.Min(buffer.Length, ChunkSize), until - Offset);
        var read = await stream
            .ReadAtLeastAsync(buffer.AsMemory(0, wanted), wanted, throwOnEndOfStream: false, cancellationToken)
            .ConfigureAwait(false);
        if (read < wanted)
            throw new CtrDataException($"The data ends after {Offset + read} of {size} bytes.") { ErrorId = ErrorIds.DataTruncated };
        _hash.AppendData(buffer, 0, read);
        _pin?.AppendData(buffer, 0, read);
        Offset += read;
        progress?.Report(new ImageProgress(ImageProgressStage.Reading, "", Offset, size));
        return buffer.AsMemory(0, read);
    }

    /// <summary>Reads the bytes that the store already has.</summary>
    internal async Task SkipAsync(long to, CancellationToken cancellationToken)
    {
        // Exactly this number: the rest of a chunk is what the store still needs.
        to = Math.Min(to, size);
        while (Offset < to)
            await ReadAsync(to, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The digest of all bytes, verified after they were read.</summary>
    internal string Digest()
    {
        var digest = "sha256:" + Convert.ToHexString(_hash.GetHashAndReset()).ToLowerInvariant();
        var compared = _pin is null
            ? digest
            : expected![..(expected!.IndexOf(':', StringComparison.Ordinal) + 1)]
                + Convert.ToHexString(_pin.GetHashAndReset()).ToLowerInvariant();
        _hash.Dispose();
        _pin?.Dispose();
        return expected is null || expected == compared
            ? digest
            : throw new CtrDataException($"The data has the digest {compared}, not {expected}.")
            {
                ErrorId = ErrorIds.DigestMismatch,
                Subject = expected,
            };
    }
}
