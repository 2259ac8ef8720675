namespace Containerd;

/// <summary>One layer of an image's root file system: a blob, and the snapshot that it is unpacked to.</summary>
[PipelineObject(nameof(Digest), nameof(Size), nameof(IsPresent), nameof(DiffId), nameof(MediaType), Depth = 2)]
public sealed class CtrImageLayer
{
    /// <summary>The digest of the blob.</summary>
    public string Digest { get; set; } = "";

    /// <summary>The media type of the blob, which includes its compression.</summary>
    public string MediaType { get; set; } = "";

    /// <summary>The size of the blob, in bytes.</summary>
    public long? Size { get; set; }

    /// <summary>The digest of the uncompressed tar.</summary>
    public string DiffId { get; set; } = "";

    /// <summary>The digest of this layer and all layers below it: the name of the snapshot that it is unpacked to.</summary>
    public string ChainId { get; set; } = "";

    /// <summary>Whether the blob is in the content store.</summary>
    public bool IsPresent { get; set; }

    /// <summary>The digest of the blob.</summary>
    /// <returns>The digest, which Get-CtrContent takes.</returns>
    public override string ToString() => Digest;
}
