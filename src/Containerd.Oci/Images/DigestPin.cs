using System.Security.Cryptography;

namespace Containerd.Oci.Images;

/// <summary>
/// A digest in an image's name (<c>host/name@sha512:…</c>), by which the caller pins the image's bytes. containerd's store supports only
/// SHA-256; a digest with another algorithm is verified by hashing the manifest here.
/// </summary>
internal static class DigestPin
{
    private const string StoredAlgorithm = "sha256:";

    /// <summary>The digest at the end of a full name; null when it has none.</summary>
    internal static string? Of(string name) =>
        name.LastIndexOf('@') is >= 0 and var at && ContentDigest.IsOne(name[(at + 1)..]) ? name[(at + 1)..] : null;

    /// <summary>Whether the content store supports the algorithm.</summary>
    internal static bool IsStored(string digest) => digest.StartsWith(StoredAlgorithm, StringComparison.Ordinal);

    /// <summary>The digest of some bytes by the algorithm of another digest.</summary>
    internal static string DigestOf(ReadOnlySpan<byte> content, string like)
    {
        var algorithm = like[..like.IndexOf(':', StringComparison.Ordinal)];
        var hash = algorithm switch
        {
            "sha256" => SHA256.HashData(content),
            "sha384" => SHA384.HashData(content),
            _ => SHA512.HashData(content),
        };
        return $"{algorithm}:{Convert.ToHexString(hash).ToLowerInvariant()}";
    }

    /// <summary>Whether some bytes have a digest.</summary>
    internal static bool IsOf(string digest, ReadOnlySpan<byte> content) => DigestOf(content, digest) == digest;

    /// <summary>The hash algorithm of a digest.</summary>
    internal static HashAlgorithmName NameOf(string digest) =>
        new(digest[..digest.IndexOf(':', StringComparison.Ordinal)].ToUpperInvariant());
}
