namespace Containerd;

/// <summary>The result of pushing an image to a registry.</summary>
[PipelineObject(nameof(Destination), nameof(Digest), nameof(BytesSent), nameof(Platforms), Depth = 2)]
public sealed class CtrImagePush : CtrObject
{
    /// <summary>The name of the local image.</summary>
    public string Name { get; set; } = "";

    /// <summary>The full name in the registry.</summary>
    public string Destination { get; set; } = "";

    /// <summary>The digest of the content that this name refers to now.</summary>
    public string Digest { get; set; } = "";

    /// <summary>The media type of the content that this name refers to now.</summary>
    public string MediaType { get; set; } = "";

    /// <summary>The platforms that were pushed, such as <c>linux/amd64</c>.</summary>
    public string[] Platforms { get; set; } = [];

    /// <summary>
    /// The platforms of the image that were not pushed, because their content is not present locally or because other platforms were
    /// selected. If there are any, the digest differs from that of the image.
    /// </summary>
    public string[] OmittedPlatforms { get; set; } = [];

    /// <summary>The number of bytes sent, without content that the registry already had.</summary>
    public long? BytesSent { get; set; }

    /// <summary>The number of blobs that the registry already had.</summary>
    public int BlobsPresent { get; set; }

    /// <summary>The number of blobs that the registry mounted from another of its repositories.</summary>
    public int BlobsMounted { get; set; }

    /// <summary>The number of blobs sent.</summary>
    public int BlobsSent { get; set; }

    /// <summary>Destination and digest, which identify exactly this content for a pull.</summary>
    /// <returns>Such as <c>localhost:5000/app@sha256:…</c>.</returns>
    public override string ToString()
    {
        var name = Destination.Split('@')[0];
        var colon = name.LastIndexOf(':');
        return (colon > name.LastIndexOf('/') ? name[..colon] : name) + "@" + Digest;
    }
}
