using System.Globalization;

namespace Containerd;

/// <summary>The result of Clear-CtrStorage.</summary>
[PipelineObject(
    nameof(Containers),
    nameof(Volumes),
    nameof(Images),
    nameof(Networks),
    nameof(Ingests),
    nameof(Freed),
    nameof(Namespace),
    Word = nameof(Freed)
)]
public sealed class CtrStorageCleanup : CtrObject
{
    /// <summary>The number of removed containers.</summary>
    public int Containers { get; set; }

    /// <summary>The number of removed volumes.</summary>
    public int Volumes { get; set; }

    /// <summary>The number of removed images.</summary>
    public int Images { get; set; }

    /// <summary>The number of removed networks.</summary>
    public int Networks { get; set; }

    /// <summary>The number of removed unfinished writes to the content store.</summary>
    public int Ingests { get; set; }

    /// <summary>
    /// The number of freed bytes: blobs, snapshots, unfinished writes and volumes that no longer exist. Content that another image, a
    /// container, a lease or another namespace still needs is not included. Null if the sizes could not be measured.
    /// </summary>
    public long? Freed { get; set; }

    /// <summary>How many objects, and how much space.</summary>
    /// <returns>Such as <c>2 containers, 3 images, 120MiB</c>.</returns>
    public override string ToString()
    {
        var parts = new[]
        {
            Count(Containers, "container"),
            Count(Volumes, "volume"),
            Count(Images, "image"),
            Count(Networks, "network"),
            Count(Ingests, "unfinished write"),
            Freed is { } freed ? $"{new CtrSize(freed)}" : "",
        };
        return string.Join(", ", parts.Where(part => part.Length > 0)) is { Length: > 0 } text ? text : "nothing";
    }

    private static string Count(int count, string kind) =>
        count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{count} {kind}{(count == 1 ? "" : "s")}");
}
