namespace Containerd;

/// <summary>What can be wrong with an image.</summary>
public enum CtrImageProblemKind
{
    /// <summary>A blob is not in the content store.</summary>
    Missing,

    /// <summary>
    /// A blob's bytes have another digest or length than its name or its manifest says, or it cannot be read as what it is.
    /// </summary>
    Damaged,

    /// <summary>The image is not for the platform that was asked for.</summary>
    PlatformNotAvailable,

    /// <summary>Its layers are not snapshots.</summary>
    NotUnpacked,
}
