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
    /// What it is in an image: told by the media type of an image's target, and by the garbage collector's labels on it and on what refers
    /// to it. The blob
    /// itself is not read.
    /// </summary>
    public CtrContentKind Kind { get; set; }

    /// <summary>When this namespace got it, local time.</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>When its labels were last changed, local time; null where it comes out of a list, which does not tell.</summary>
    public DateTime? UpdatedAt { get; set; }

    /// <summary>Its labels in this namespace; the garbage collector reads those that begin with <c>containerd.io/gc.</c>.</summary>
    public CtrMap Labels { get; set; } = [];

    /// <summary>The digest.</summary>
    /// <returns>The digest, which every cmdlet takes in the object's place.</returns>
    public override string ToString() => Digest;
}
