using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Containerd.Oci.Images;

/// <summary>A reference to a blob, as in indexes and manifests.</summary>
internal sealed partial class OciDescriptor
{
    public string MediaType { get; set; } = "";

    public string Digest { get; set; } = "";

    public long Size { get; set; }

    public Dictionary<string, string>? Annotations { get; set; }

    public OciPlatform? Platform { get; set; }

    /// <summary>Other locations of the blob, for layers that may not be distributed.</summary>
    public List<string>? Urls { get; set; }

    public string? Annotation(string key) =>
        Annotations is not null && Annotations.TryGetValue(key, out var value) && value is { Length: > 0 } ? value : null;

    /// <summary>The digest of the content.</summary>
    public static string DigestOf(ReadOnlySpan<byte> content) =>
        "sha256:" + Convert.ToHexString(SHA256.HashData(content)).ToLowerInvariant();

    /// <summary>Whether its digest uses an algorithm that containerd's content store does not support.</summary>
    public bool HasForeignDigest => ContentDigest.IsOne(Digest ?? "") && !DigestPin.IsStored(Digest!);

    /// <summary>The error id for its flaw; null for the default one.</summary>
    public string? FlawId => HasForeignDigest ? ErrorIds.DigestAlgorithmNotSupported : null;

    /// <summary>A description of its flaw; null for none.</summary>
    public string? Flaw() =>
        this switch
        {
            { Digest: null or "" } => "a descriptor has no digest",
            { Digest: var digest } when !Sha256().IsMatch(digest) =>
                $"'{digest}' is not a SHA-256 digest, the one kind that containerd stores",
            { MediaType: null or "" } => $"the descriptor of {Digest} has no media type",
            { MediaType: var type } when MediaTypes.IsSchema1(type) => "it is a Docker schema 1 image, which containerd cannot run",
            { Size: < 0 } => $"the descriptor of {Digest} has the size {Size}",
            _ => null,
        };

    [GeneratedRegex(@"^sha256:[a-f0-9]{64}\z")]
    private static partial Regex Sha256();
}
