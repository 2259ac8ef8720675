namespace Containerd;

/// <summary>The result of Clear-CtrImage.</summary>
[PipelineObject(nameof(Removed), nameof(Blobs), nameof(Snapshots), nameof(Freed), nameof(InUse), Word = nameof(Freed))]
public sealed class CtrImageCleanup : CtrObject
{
    /// <summary>The full names of the removed images.</summary>
    public string[] Removed { get; set; } = [];

    /// <summary>The full names of the images that were examined and kept because containers use them or they are pinned.</summary>
    public string[] InUse { get; set; } = [];

    /// <summary>The number of removed blobs.</summary>
    public int Blobs { get; set; }

    /// <summary>The number of removed snapshots.</summary>
    public int Snapshots { get; set; }

    /// <summary>
    /// The number of freed bytes. Content that another image, a container, a lease or another namespace still needs is not included.
    /// </summary>
    public long? Freed { get; set; }

    /// <summary>How many images, and how much space.</summary>
    /// <returns>Such as <c>3 images, 120MiB</c>.</returns>
    public override string ToString() => $"{Removed.Length} {(Removed.Length == 1 ? "image" : "images")}, {new CtrSize(Freed ?? 0)}";
}
