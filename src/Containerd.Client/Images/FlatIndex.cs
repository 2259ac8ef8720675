using System.Text.Json.Nodes;
using Containerd.Oci.Images;

namespace Containerd.Client.Images;

/// <summary>
/// One image that an archive's index.json lists as several manifests of one name, one for each platform. Its name requires one target: an
/// index of those manifests, which is written here. Its bytes depend only on the manifests, so that an archive results in the same image
/// wherever it is imported.
/// </summary>
internal static class FlatIndex
{
    private static readonly string[] NameAnnotations = ["io.containerd.image.name", "org.opencontainers.image.ref.name"];

    /// <summary>
    /// Joins the images of one name. If there are several manifests for one platform, the last one is used, as in containerd's own client.
    /// </summary>
    /// <param name="content">The store, which has the manifests.</param>
    /// <param name="images">The images of the archive, in its order; a name can occur several times.</param>
    /// <param name="origin">The start of error messages.</param>
    /// <param name="lease">The lease that holds the written content.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The images, each name once.</returns>
    public static async Task<List<(string Name, OciDescriptor Target)>> JoinAsync(
        ContentStore content,
        List<(string Name, OciDescriptor Target)> images,
        ImageOrigin origin,
        string lease,
        CancellationToken cancellationToken
    )
    {
        var joined = new List<(string Name, OciDescriptor Target)>();
        foreach (var same in images.GroupBy(i => i.Name, StringComparer.Ordinal))
        {
            var targets = same.Select(i => i.Target).DistinctBy(t => (t.Digest, t.MediaType, t.Size)).ToList();
            joined.Add(
                (
                    same.Key,
                    targets.Count == 1
                        ? targets[0]
                        : await JoinAsync(content, targets, origin, lease, cancellationToken).ConfigureAwait(false)
                )
            );
        }

        return joined;
    }

    private static async Task<OciDescriptor> JoinAsync(
        ContentStore content,
        List<OciDescriptor> targets,
        ImageOrigin origin,
        string lease,
        CancellationToken cancellationToken
    )
    {
        var children = new List<(OciDescriptor Target, ImagePlatform? Platform)>();
        foreach (var target in targets)
        {
            var platform =
                MediaTypes.IsIndex(target.MediaType) ? null
                : (await ImageTree.LoadAsync(content, target, origin, cancellationToken).ConfigureAwait(false)).Manifests[0].Platform
                    is { IsKnown: true } known
                    ? known
                : null;
            if (platform is not null)
                children.RemoveAll(c => c.Platform == platform);
            children.Add((target, platform));
        }

        if (children.Count == 1)
            return children[0].Target;
        var index = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciIndex,
            ["manifests"] = new JsonArray([.. children.Select(c => (JsonNode)Describe(c.Target, c.Platform))]),
        };
        var json = OciJson.Write(index);
        var digest = await content
            .Writer.WriteAsync(
                $"import-{Guid.NewGuid():N}",
                new MemoryStream(json),
                json.Length,
                OciDescriptor.DigestOf(json),
                lease,
                cancellationToken: cancellationToken
            )
            .ConfigureAwait(false);
        return new OciDescriptor
        {
            MediaType = MediaTypes.OciIndex,
            Digest = digest,
            Size = json.Length,
            Annotations = targets[^1].Annotations,
        };
    }

    private static JsonObject Describe(OciDescriptor target, ImagePlatform? platform)
    {
        var json = new JsonObject
        {
            ["mediaType"] = target.MediaType,
            ["digest"] = target.Digest,
            ["size"] = target.Size,
        };
        // The name belongs to the index, whatever name it is imported with.
        var annotations = (target.Annotations ?? [])
            .Where(a => !NameAnnotations.Contains(a.Key))
            .OrderBy(a => a.Key, StringComparer.Ordinal)
            .ToList();
        if (annotations.Count > 0)
            json["annotations"] = new JsonObject(annotations.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)a.Value)));
        if (platform is null)
            return json;
        var stated = new JsonObject { ["architecture"] = platform.Architecture, ["os"] = platform.OperatingSystem };
        if (platform.Variant.Length > 0)
            stated["variant"] = platform.Variant;
        if (target.Platform?.OsVersion is { Length: > 0 } version)
            stated["os.version"] = version;
        json["platform"] = stated;
        return json;
    }
}
