using System.Text.Json.Serialization;

namespace Containerd.Oci.Images;

/// <summary>The platform of a manifest, according to its descriptor.</summary>
internal sealed class OciPlatform
{
    public string? Architecture { get; set; }

    [JsonPropertyName("os")]
    public string? OperatingSystem { get; set; }

    public string? Variant { get; set; }

    /// <summary>The version of the operating system, which distinguishes images for Windows.</summary>
    [JsonPropertyName("os.version")]
    public string? OsVersion { get; set; }

    public ImagePlatform Canonical() => ImagePlatform.Canonical(OperatingSystem, Architecture, Variant);
}
