namespace Containerd;

/// <summary>An image: a name for content in containerd's store (images.v1 Image), with what its manifests say about it.</summary>
[PipelineObject(nameof(Name), nameof(Digest), nameof(Size), nameof(Platforms), nameof(CreatedAt), Depth = 5)]
public sealed class CtrImage : CtrObject
{
    /// <summary>The full name, such as <c>docker.io/library/busybox:latest</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>The digest of what the name points to: a manifest, or an index of manifests for several platforms.</summary>
    public string Digest { get; set; } = "";

    /// <summary>The media type of what the name points to.</summary>
    public string MediaType { get; set; } = "";

    /// <summary>
    /// The bytes of the image as it is stored for the daemon's platform (the image's first when it has none for that): manifest, config
    /// and layers, compressed where they are. Null when the manifest is not in the store.
    /// </summary>
    public long? Size { get; set; }

    /// <summary>The platforms that the image is for, such as <c>linux/amd64</c>; empty when its manifests are not in the store.</summary>
    public string[] Platforms { get; set; } = [];

    /// <summary>
    /// The type of an artifact that is stored as an image, such as <c>application/vnd.cncf.helm.config.v1+json</c> for a chart; empty for a
    /// container image. No container can
    /// be created from an artifact.
    /// </summary>
    public string ArtifactType { get; set; } = "";

    /// <summary>When the name was made, local time.</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>When the name was last changed, local time.</summary>
    public DateTime UpdatedAt { get; set; }

    /// <summary>The labels of the name in containerd; those that the image's author wrote are in its config.</summary>
    public CtrMap Labels { get; set; } = [];

    /// <summary>
    /// What the image says about its containers, for the daemon's platform or the one that was asked for; null unless Get-CtrImage was
    /// asked with
    /// -Detailed, or for what is no container's image.
    /// </summary>
    public ImageConfig? Config { get; set; }

    /// <summary>How the image was made, the oldest step first, for the same platform; empty unless it was asked for.</summary>
    public CtrImageHistory[] History { get; set; } = [];

    /// <summary>The layers of its root file system, the lowest first, for the same platform; empty unless they were asked for.</summary>
    public CtrImageLayer[] Layers { get; set; } = [];

    /// <summary>The image's name.</summary>
    /// <returns>The name, which every cmdlet takes in the object's place.</returns>
    public override string ToString() => Name;
}
