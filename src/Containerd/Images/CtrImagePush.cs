namespace Containerd;

/// <summary>What came of pushing an image to a registry.</summary>
[PipelineObject(nameof(Destination), nameof(Digest), nameof(BytesSent), nameof(Platforms), Depth = 2)]
public sealed class CtrImagePush : CtrObject
{
    /// <summary>The image here.</summary>
    public string Name { get; set; } = "";

    /// <summary>Its full name there.</summary>
    public string Destination { get; set; } = "";

    /// <summary>The digest of what that name stands for now.</summary>
    public string Digest { get; set; } = "";

    /// <summary>The media type of what that name stands for now.</summary>
    public string MediaType { get; set; } = "";

    /// <summary>The platforms that were pushed, such as <c>linux/amd64</c>.</summary>
    public string[] Platforms { get; set; } = [];

    /// <summary>
    /// Platforms of the image that were left out, since their content is not here or others were chosen. With any, the digest is not the
    /// image's.
    /// </summary>
    public string[] OmittedPlatforms { get; set; } = [];

    /// <summary>The bytes that were sent; what the registry had already was not.</summary>
    public long? BytesSent { get; set; }

    /// <summary>How many blobs the registry had already.</summary>
    public int BlobsPresent { get; set; }

    /// <summary>How many blobs the registry took over from another of its repositories.</summary>
    public int BlobsMounted { get; set; }

    /// <summary>How many blobs were sent.</summary>
    public int BlobsSent { get; set; }

    /// <summary>Destination and digest, by which everybody can pull exactly this.</summary>
    /// <returns>Such as <c>localhost:5000/app@sha256:…</c>.</returns>
    public override string ToString()
    {
        var name = Destination.Split('@')[0];
        var colon = name.LastIndexOf(':');
        return (colon > name.LastIndexOf('/') ? name[..colon] : name) + "@" + Digest;
    }
}
