using Containerd.Oci.Images;

namespace Containerd.Client.Storage;

/// <summary>The roles of blobs in images, according to labels.</summary>
internal static class ContentKinds
{
    private const string Reference = "containerd.io/gc.ref.content.";
    private const string SnapshotReference = "containerd.io/gc.ref.snapshot.";
    private const string Uncompressed = "containerd.io/uncompressed";

    /// <summary>The kind according to the blob's own labels.</summary>
    internal static CtrContentKind Own(IDictionary<string, string> labels)
    {
        if (labels.Count == 0)
            return CtrContentKind.Unknown;
        bool Any(string prefix) => labels.Keys.Any(k => k.StartsWith(prefix, StringComparison.Ordinal));
        return Any(Reference + "m.") ? CtrContentKind.Index
            : Any(Reference + "config") || Any(Reference + "l.") ? CtrContentKind.Manifest
            : Any(SnapshotReference) ? CtrContentKind.Config
            : labels.ContainsKey(Uncompressed) ? CtrContentKind.Layer
            : CtrContentKind.Unknown;
    }

    /// <summary>The kind according to the blobs and images that refer to it.</summary>
    internal static Dictionary<string, CtrContentKind> Told(
        IEnumerable<CtrContent> blobs,
        IEnumerable<(string Name, string Digest, string MediaType)> images
    )
    {
        var kinds = new Dictionary<string, CtrContentKind>(StringComparer.Ordinal);
        foreach (var (key, digest) in blobs.SelectMany(b => b.Labels).Where(l => l.Key.StartsWith(Reference, StringComparison.Ordinal)))
        {
            var role = key[Reference.Length..];
            var kind =
                role == "config" ? CtrContentKind.Config
                : role.StartsWith("l.", StringComparison.Ordinal) ? CtrContentKind.Layer
                : role.StartsWith("m.", StringComparison.Ordinal) ? CtrContentKind.Manifest
                : CtrContentKind.Unknown;
            if (kind != CtrContentKind.Unknown)
                kinds.TryAdd(digest, kind);
        }

        foreach (var (_, digest, type) in images)
        {
            if (MediaTypes.IsIndex(type))
                kinds[digest] = CtrContentKind.Index;
            else if (MediaTypes.IsManifest(type))
                kinds[digest] = CtrContentKind.Manifest;
        }

        return kinds;
    }
}
