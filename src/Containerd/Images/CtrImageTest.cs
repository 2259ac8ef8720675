namespace Containerd;

/// <summary>What Test-CtrImage has found of one image.</summary>
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
    /// <summary>The image's full name.</summary>
    public string Name { get; set; } = "";

    /// <summary>The digest of what the name points to.</summary>
    public string Digest { get; set; } = "";

    /// <summary>The platforms that were tested.</summary>
    public string[] Platforms { get; set; } = [];

    /// <summary>Whether all content of these platforms is in the store.</summary>
    public bool IsComplete { get; set; }

    /// <summary>Whether all bytes that were read have the digests by which they are known; null when they were not read.</summary>
    public bool? IsIntact { get; set; }

    /// <summary>
    /// Whether the layers of these platforms are snapshots, so that a container can start at once; null when that was not asked, and for
    /// what has no layers to unpack.
    /// </summary>
    public bool? IsUnpacked { get; set; }

    /// <summary>The snapshotter that was asked; empty for none.</summary>
    public string Snapshotter { get; set; } = "";

    /// <summary>How many bytes were read and compared with their digests.</summary>
    public long? BytesRead { get; set; }

    /// <summary>What is wrong; empty for nothing.</summary>
    public CtrImageProblem[] Problems { get; set; } = [];

    /// <summary>Whether nothing is wrong.</summary>
    public bool Passed { get; set; }

    /// <summary>Name and outcome.</summary>
    /// <returns>Such as <c>docker.io/library/busybox:latest: passed</c>.</returns>
    public override string ToString() => $"{Name}: {(Passed ? "passed" : string.Join("; ", Problems.Select(p => p.ToString())))}";
}
