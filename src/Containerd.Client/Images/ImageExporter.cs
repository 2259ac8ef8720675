using System.Text.Json.Nodes;
using Containerd.Client.Storage;
using Containerd.Oci;
using Containerd.Oci.Archives;
using Containerd.Oci.Images;

namespace Containerd.Client.Images;

/// <summary>An export: several images of a namespace to one archive, each blob once.</summary>
internal sealed class ImageExporter(ImageScope ns, ImageExportOptions options, IProgress<ImageProgress>? progress)
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    private long _done;
    private long _total;

    /// <summary>Writes the archive.</summary>
    /// <param name="images">The full names and their targets.</param>
    /// <param name="target">The destination of the tar.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The part of each image in the archive.</returns>
    public async Task<IReadOnlyList<ExportedImage>> ExportAsync(
        IReadOnlyList<(string Name, OciDescriptor Target)> images,
        Stream target,
        CancellationToken cancellationToken
    )
    {
        // This prevents the removal of the images' content in the meantime.
        var lease = await ns.Leases.CreateAsync(Longest, cancellationToken: cancellationToken).ConfigureAwait(false);
        await using var leaseDisposal = lease.ConfigureAwait(false);
        foreach (var image in images)
            await ns.Leases.AddAsync(lease.Id, "content", image.Target.Digest, cancellationToken).ConfigureAwait(false);
        var parts = new List<Part>();
        foreach (var image in images)
            parts.Add(await SelectAsync(image.Name, image.Target, cancellationToken).ConfigureAwait(false));

        var tar = new ImageTarWriter(target);
        await using var tarDisposal = tar.ConfigureAwait(false);
        if (options.Format == CtrImageArchiveFormat.Docker)
            await WriteDockerAsync(tar, parts, cancellationToken).ConfigureAwait(false);
        else
            await WriteLayoutAsync(tar, parts, cancellationToken).ConfigureAwait(false);
        return [.. parts.Select(p => new ExportedImage(p.Name, p.Selection.Platforms, p.Selection.OmittedPlatforms))];
    }

    private async Task<Part> SelectAsync(string name, OciDescriptor target, CancellationToken cancellationToken)
    {
        var origin = new ImageOrigin(
            name,
            $"The image '{name}' cannot be exported",
            ErrorIds.ImageIncomplete,
            "Pull or import it again, or choose the platforms that exist locally."
        );
        var host = await ns.ImageRecords.DaemonPlatformAsync(cancellationToken).ConfigureAwait(false);
        var selection = await ImageSelection
            .MakeAsync(ns, name, target, origin, options.Platforms, options.AllPlatforms, cancellationToken)
            .ConfigureAwait(false);

        // Docker's manifest contains an image for one platform.
        var containers = selection.Manifests.Where(m => m.Platform is not { IsKnown: false } && ImageTree.IsContainerImage(m)).ToList();
        var best = host.Runnable().Select(p => containers.Find(m => m.Platform == p)).FirstOrDefault(m => m is not null)
            ?? (containers.Count > 0 ? containers[0] : null);
        if (options.Format != CtrImageArchiveFormat.Docker)
            return new Part(name, target, selection, best, origin);
        if (best is null)
            throw origin.Fault("it is not a container image, and a Docker archive holds only container images", "ImageNotExportable");
        if (options.AllPlatforms ? containers.Count > 1 : options.Platforms.Count > 1 && containers.Count > 1)
        {
            throw new CtrNotSupportedException(
                $"A Docker archive holds one platform of an image; '{name}' has {string.Join(", ", selection.Platforms)}."
            )
            {
                ErrorId = ErrorIds.FormatHoldsOnePlatform,
                Subject = name,
                Remedy = "Choose one platform, or export an OCI archive, which 'docker load' reads too.",
            };
        }

        var document = await ImageDocument
            .MakeAsync(
                ns.Content,
                best.Descriptor,
                new Dictionary<string, OciDocument> { [best.Descriptor.Digest] = best.Document! },
                new HashSet<string> { best.Descriptor.Digest },
                cancellationToken
            )
            .ConfigureAwait(false);
        var others = selection.Manifests.Where(m => m != best).Concat(selection.Omitted).ToList();
        return new Part(name, target, new ImageSelection(document!, [best], others), best, origin);
    }

    private async Task WriteLayoutAsync(ImageTarWriter tar, List<Part> parts, CancellationToken cancellationToken)
    {
        var index = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciIndex,
            ["manifests"] = new JsonArray([.. parts.Select(Descriptor)]),
        };
        await tar.WriteAsync("oci-layout", """{"imageLayoutVersion":"1.0.0"}"""u8.ToArray(), cancellationToken).ConfigureAwait(false);
        await tar.WriteAsync("index.json", OciJson.Write(index), cancellationToken).ConfigureAwait(false);
        var docker = DockerManifest(
            parts,
            blob => "blobs/" + blob.Digest.Replace(':', '/'),
            blob => "blobs/" + blob.Digest.Replace(':', '/')
        );
        if (docker.Count > 0)
            await tar.WriteAsync("manifest.json", OciJson.Write(docker), cancellationToken).ConfigureAwait(false);

        _total = parts.SelectMany(p => p.Selection.Root.Blobs()).DistinctBy(b => b.Digest).Sum(b => b.Size);
        foreach (var part in parts)
        {
            foreach (var document in part.Selection.Root.All())
            {
                var name = "blobs/" + document.Descriptor.Digest.Replace(':', '/');
                if (tar.Take(name))
                    await tar.WriteAsync(name, document.Json, cancellationToken).ConfigureAwait(false);
            }

            foreach (var blob in part.Selection.Root.Blobs())
            {
                var name = "blobs/" + blob.Digest.Replace(':', '/');
                if (tar.Take(name))
                    await WriteAsync(tar, name, blob, part.Origin, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task WriteDockerAsync(ImageTarWriter tar, List<Part> parts, CancellationToken cancellationToken)
    {
        _total = parts.SelectMany(p => p.Selection.Root.Blobs()).DistinctBy(b => b.Digest).Sum(b => b.Size);
        var diffIds = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in parts)
        {
            var config = part.Best!.Document!.Config!;
            var configName = Hex(config.Digest) + ".json";
            if (tar.Take(configName))
                await WriteAsync(tar, configName, config, part.Origin, cancellationToken).ConfigureAwait(false);
            var tree = await ImageTree.LoadAsync(ns.Content, part.Best.Descriptor, part.Origin, cancellationToken).ConfigureAwait(false);
            var ids = (await tree.ConfigAsync(part.Best, cancellationToken).ConfigureAwait(false)).DiffIds();
            var layers = part.Best.Document.ImageLayers(ids.Length);
            if (ids.Length != layers.Count)
                throw part.Origin.Fault($"the manifest {part.Best.Descriptor.Digest} has {layers.Count} layers, its config {ids.Length}");
            foreach (var (layer, diffId) in layers.Zip(ids))
            {
                diffIds[layer.Digest] = diffId;
                if (tar.Take(Hex(diffId) + ".tar"))
                    await WriteUnpackedAsync(tar, Hex(diffId) + ".tar", layer, diffId, part.Origin, cancellationToken)
                        .ConfigureAwait(false);
            }
        }

        var manifest = DockerManifest(parts, config => Hex(config.Digest) + ".json", layer => Hex(diffIds[layer.Digest]) + ".tar");
        await tar.WriteAsync("manifest.json", OciJson.Write(manifest), cancellationToken).ConfigureAwait(false);
    }

    // The header of a tar contains the length of a file: so a compressed layer is read once to measure and verify it, and once to write it.
    private async Task WriteUnpackedAsync(
        ImageTarWriter tar,
        string name,
        OciDescriptor layer,
        string diffId,
        ImageOrigin origin,
        CancellationToken cancellationToken
    )
    {
        if (layer.Digest == diffId)
        {
            await WriteAsync(tar, name, layer, origin, cancellationToken).ConfigureAwait(false);
            return;
        }

        try
        {
            var (digest, length) = await UnpackedLayer.MeasureAsync(ns.Content, layer, origin, cancellationToken).ConfigureAwait(false);
            if (digest != diffId)
                throw origin.Mismatch($"the layer {layer.Digest} unpacks to {digest}, its config says {diffId}");
            var blob = new BlobStream(ns.Content, layer, origin, Told(layer), cancellationToken);
            await using var blobDisposal = blob.ConfigureAwait(false);
            var data = await ArchiveStream.OpenAsync(blob, cancellationToken).ConfigureAwait(false);
            await using var dataDisposal = data.ConfigureAwait(false);
            await tar.WriteAsync(name, data, length, cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            throw origin.Fault($"the layer {layer.Digest} cannot be unpacked: {e.Message}", cause: e);
        }
    }

    private async Task WriteAsync(
        ImageTarWriter tar,
        string name,
        OciDescriptor blob,
        ImageOrigin origin,
        CancellationToken cancellationToken
    )
    {
        var data = new BlobStream(ns.Content, blob, origin, Told(blob), cancellationToken);
        await using var dataDisposal = data.ConfigureAwait(false);
        await tar.WriteAsync(name, data, blob.Size, cancellationToken).ConfigureAwait(false);
    }

    private Action<int> Told(OciDescriptor blob) =>
        count =>
        {
            _done += count;
            progress?.Report(new ImageProgress(ImageProgressStage.Writing, blob.Digest, _done, _total));
        };

    private static JsonNode Descriptor(Part part)
    {
        var root = part.Selection.Root.Descriptor;
        var descriptor = new JsonObject
        {
            ["mediaType"] = root.MediaType,
            ["digest"] = root.Digest,
            ["size"] = root.Size,
        };
        if (MediaTypes.IsManifest(root.MediaType) && part.Selection.Manifests is [{ Platform: { IsKnown: true } platform }])
        {
            var stated = new JsonObject { ["architecture"] = platform.Architecture, ["os"] = platform.OperatingSystem };
            if (platform.Variant.Length > 0)
                stated["variant"] = platform.Variant;
            descriptor["platform"] = stated;
        }

        // Sorted, because the daemon returns them in a different order each time.
        var annotations = new SortedDictionary<string, string>(part.Target.Annotations ?? [], StringComparer.Ordinal)
        {
            ["io.containerd.image.name"] = part.Name,
        };
        annotations.Remove("org.opencontainers.image.ref.name");
        if (IsTag(part.Name))
            annotations["org.opencontainers.image.ref.name"] = ImageReference.ObjectOf(part.Name);
        descriptor["annotations"] = new JsonObject(annotations.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)a.Value)));
        return descriptor;
    }

    // Names of the same image share an entry, as in docker save.
    private static JsonArray DockerManifest(List<Part> parts, Func<OciDescriptor, string> configName, Func<OciDescriptor, string> layerName)
    {
        var entries = new JsonArray();
        foreach (var same in parts.Where(p => p.Best is not null).GroupBy(p => p.Best!.Descriptor.Digest))
        {
            var document = same.First().Best!.Document!;
            entries.Add(
                new JsonObject
                {
                    ["Config"] = configName(document.Config!),
                    ["RepoTags"] = new JsonArray([
                        .. same.Select(p => p.Name).Where(IsTag).Select(n => JsonValue.Create(ImageReference.Shorten(n))),
                    ]),
                    ["Layers"] = new JsonArray([
                        .. document.Layers!.Where(l => MediaTypes.IsLayer(l.MediaType)).Select(l => JsonValue.Create(layerName(l))),
                    ]),
                }
            );
        }

        return entries;
    }

    // Docker's manifest supports only names with tags.
    private static bool IsTag(string name) => ImageReference.ObjectOf(name) is { Length: > 0 } tag && tag[0] != '@';

    private static string Hex(string digest) => digest.Split(':')[1];

    private sealed record Part(string Name, OciDescriptor Target, ImageSelection Selection, ImageManifest? Best, ImageOrigin Origin);
}
