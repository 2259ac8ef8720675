namespace Containerd;

/// <summary>The kinds of problems of an image.</summary>
public enum CtrImageProblemKind
{
    /// <summary>A blob is not in the content store.</summary>
    Missing,

    /// <summary>The digest or the size of a blob differs from that in its name or its manifest, or the blob cannot be parsed.</summary>
    Damaged,

    /// <summary>The image is not available for the requested platform.</summary>
    PlatformNotAvailable,

    /// <summary>The layers are not unpacked to snapshots.</summary>
    NotUnpacked,
}
