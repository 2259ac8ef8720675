namespace Containerd;

/// <summary>The result of Test-CtrImage for one image.</summary>
[PipelineObject(
    nameof(Name),
    nameof(Passed),
    nameof(IsComplete),
    nameof(IsIntact),
    nameof(IsUnpacked),
    nameof(BytesRead),
    nameof(Problems),
    Depth = 4
)]
public sealed class CtrImageTest : CtrObject
{
    /// <summary>The full name of the image.</summary>
    public string Name { get; set; } = "";

    /// <summary>The digest of the content that the name refers to: a manifest, or an index of manifests for several platforms.</summary>
    public string Digest { get; set; } = "";

    /// <summary>The platforms that were tested.</summary>
    public string[] Platforms { get; set; } = [];

    /// <summary>Whether all content of these platforms is in the store.</summary>
    public bool IsComplete { get; set; }

    /// <summary>Whether the digests of all content that was read are correct; null if the content was not read.</summary>
    public bool? IsIntact { get; set; }

    /// <summary>
    /// Whether the layers of these platforms are unpacked to snapshots, so that a container can start immediately; null if this was not
    /// tested, and for content without layers to unpack.
    /// </summary>
    public bool? IsUnpacked { get; set; }

    /// <summary>The snapshotter that was tested; empty for none.</summary>
    public string Snapshotter { get; set; } = "";

    /// <summary>The number of bytes that were read and compared with their digests.</summary>
    public long? BytesRead { get; set; }

    /// <summary>The problems found; empty for none.</summary>
    public CtrImageProblem[] Problems { get; set; } = [];

    /// <summary>Whether no problems were found.</summary>
    public bool Passed { get; set; }

    /// <summary>Name and result.</summary>
    /// <returns>Such as <c>docker.io/library/busybox:latest: passed</c>.</returns>
    public override string ToString() => $"{Name}: {(Passed ? "passed" : string.Join("; ", Problems.Select(p => p.ToString())))}";
}
