namespace Containerd;

/// <summary>An image: a name for content in containerd's store (images.v1 Image), with data from its manifests.</summary>
[PipelineObject(nameof(Name), nameof(Digest), nameof(Size), nameof(Platforms), nameof(CreatedAt), Depth = 5)]
public sealed class CtrImage : CtrObject
{
    /// <summary>The full name, such as <c>docker.io/library/busybox:latest</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>The digest of the content that the name refers to: a manifest, or an index of manifests for several platforms.</summary>
    public string Digest { get; set; } = "";

    /// <summary>The media type of the content that the name refers to.</summary>
    public string MediaType { get; set; } = "";

    /// <summary>
    /// The stored size, in bytes, of the image for the daemon's platform (or of the first platform of the image, if it is not available for
    /// the daemon's): manifest, config and layers, as they are stored. Null if the manifest is not in the store.
    /// </summary>
    public long? Size { get; set; }

    /// <summary>The platforms that the image is for, such as <c>linux/amd64</c>; empty when its manifests are not in the store.</summary>
    public string[] Platforms { get; set; } = [];

    /// <summary>
    /// The type of an artifact that is stored as an image, such as <c>application/vnd.cncf.helm.config.v1+json</c> for a chart; empty for a
    /// container image. No container can be created from an artifact.
    /// </summary>
    public string ArtifactType { get; set; } = "";

    /// <summary>The time at which the name was created, in local time.</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>The time of the last change of the name, in local time.</summary>
    public DateTime UpdatedAt { get; set; }

    /// <summary>The labels of the name in containerd; those that the author of the image wrote are in its config.</summary>
    public CtrMap Labels { get; set; } = [];

    /// <summary>
    /// The image config for the daemon's platform or the requested one; null without Get-CtrImage -Detailed, and for content that is not a
    /// container image.
    /// </summary>
    public ImageConfig? Config { get; set; }

    /// <summary>The build steps of the image, the oldest first, for the same platform; empty unless requested.</summary>
    public CtrImageHistory[] History { get; set; } = [];

    /// <summary>The layers of its root file system, the lowest first, for the same platform; empty unless requested.</summary>
    public CtrImageLayer[] Layers { get; set; } = [];

    /// <summary>The image's name.</summary>
    /// <returns>The name, which every cmdlet accepts instead of the object.</returns>
    public override string ToString() => Name;
}
