namespace Containerd;

/// <summary>The number of objects of each kind in a namespace.</summary>
public sealed class CtrNamespaceCounts
{
    /// <summary>Containers.</summary>
    public int Containers { get; set; }

    /// <summary>Tasks that have not stopped.</summary>
    public int RunningTasks { get; set; }

    /// <summary>Names of images.</summary>
    public int Images { get; set; }

    /// <summary>Blobs in the content store.</summary>
    public int Content { get; set; }

    /// <summary>Unfinished writes to the content store.</summary>
    public int Ingests { get; set; }

    /// <summary>Snapshots of all snapshotters.</summary>
    public int Snapshots { get; set; }

    /// <summary>Leases that have not expired.</summary>
    public int Leases { get; set; }

    /// <summary>The kinds that there are any of.</summary>
    /// <returns>A text such as <c>2 containers (1 running), 1 image, 4 blobs</c>; <c>nothing</c> where there are none.</returns>
    public override string ToString()
    {
        string?[] parts =
        [
            Containers > 0 || RunningTasks > 0
                ? Of(Containers, "container") + (RunningTasks > 0 ? $" ({RunningTasks} running)" : "")
                : null,
            Images > 0 ? Of(Images, "image") : null,
            Content > 0 ? Of(Content, "blob") : null,
            Ingests > 0 ? Of(Ingests, "unfinished write") : null,
            Snapshots > 0 ? Of(Snapshots, "snapshot") : null,
            Leases > 0 ? Of(Leases, "lease") : null,
        ];
        var text = string.Join(", ", parts.Where(p => p is not null));
        return text.Length > 0 ? text : "nothing";
    }

    private static string Of(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";
}
