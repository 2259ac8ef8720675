namespace Containerd.Oci;

/// <summary>Options for pulling an image into an OCI image layout.</summary>
public sealed record ImageLayoutOptions
{
    /// <summary>
    /// The platforms to pull, such as <c>linux/arm64</c>. If none is given, an image for several platforms is pulled for the platform of
    /// this process, and any other image as it is.
    /// </summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];

    /// <summary>Whether all platforms are pulled, with everything else that the index lists, such as attestations.</summary>
    public bool AllPlatforms { get; init; }

    /// <summary>How many blobs are downloaded at the same time.</summary>
    public int Parallel { get; init; } = 3;
}
