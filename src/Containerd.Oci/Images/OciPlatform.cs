using System.Text.Json.Serialization;

namespace Containerd.Oci.Images;

/// <summary>The platform that a descriptor says its manifest is for.</summary>
internal sealed class OciPlatform
{
    public string? Architecture { get; set; }

    [JsonPropertyName("os")]
    public string? OperatingSystem { get; set; }

    public string? Variant { get; set; }

    /// <summary>The version of the operating system, by which images of Windows differ.</summary>
    [JsonPropertyName("os.version")]
    public string? OsVersion { get; set; }

    public ImagePlatform Canonical() => ImagePlatform.Canonical(OperatingSystem, Architecture, Variant);
}
