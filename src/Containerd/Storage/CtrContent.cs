namespace Containerd;

/// <summary>A blob in containerd's content store (content.v1 Info).</summary>
[PipelineObject(nameof(Digest), nameof(Size), nameof(Kind))]
public sealed class CtrContent : CtrObject
{
    /// <summary>Its digest, such as <c>sha256:…</c>, which is its name.</summary>
    public string Digest { get; set; } = "";

    /// <summary>Its size in bytes.</summary>
    public long? Size { get; set; }

    /// <summary>
    /// The role of the blob in an image, as known from the media type of an image's target and from the garbage collector's labels on the
    /// blob and on the blobs that refer to it. The blob itself is not read.
    /// </summary>
    public CtrContentKind Kind { get; set; }

    /// <summary>The time at which this namespace got the blob, in local time.</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>The time of the last change of its labels, in local time; null for a blob from a list, which does not contain it.</summary>
    public DateTime? UpdatedAt { get; set; }

    /// <summary>Its labels in this namespace; the garbage collector reads those that begin with <c>containerd.io/gc.</c>.</summary>
    public CtrMap Labels { get; set; } = [];

    /// <summary>The digest.</summary>
    /// <returns>The digest, which every cmdlet accepts instead of the object.</returns>
    public override string ToString() => Digest;
}
