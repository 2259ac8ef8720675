using Containerd.Oci;
using Containerd.Oci.Images;
using Containerd.Oci.Registry;

namespace Containerd.Client.Images;

/// <summary>
/// A pull: the documents and layers of an image to the content store, then their labels and snapshots, and last the name.
/// </summary>
internal sealed class ImagePuller(
    ImageScope ns,
    string name,
    RegistryRepository registry,
    ImagePullOptions options,
    IProgress<ImageProgress>? progress
)
{
    // Indexes of indexes exist; deeper ones and larger ones are an attack or a mistake.
    private const int MaxDepth = 8;
    private const int MaxDocuments = 4096;

    private readonly ImageOrigin _origin = ImageOrigin.Registry(name);
    private readonly Dictionary<string, OciDescriptor> _fetched = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OciDocument> _documents = new(StringComparer.Ordinal);

    private long _bytes;

    public async Task<CtrImage> PullAsync(CancellationToken cancellationToken)
    {
        var host = await ns.ImageRecords.DaemonPlatformAsync(cancellationToken).ConfigureAwait(false);
        var chosen = options.Platforms.Select(p => ImagePlatform.Parse(p, host)).Distinct().ToList();
        var (target, document) = await registry.ResolveAsync(cancellationToken).ConfigureAwait(false);
        if (!MediaTypes.IsIndex(target.MediaType) && !MediaTypes.IsManifest(target.MediaType))
            throw _origin.Fault($"{target.Digest} has the media type '{target.MediaType}', which is not an image");
        var snapshotter = options.Snapshotter ?? await ns.Snapshots.DefaultSnapshotterAsync(cancellationToken).ConfigureAwait(false);
        var lease = await PullLease
            .OpenAsync(
                ns.Leases,
                $"{name} {(options.AllPlatforms ? "*" : string.Join(' ', chosen.Count > 0 ? chosen : [host]))}",
                cancellationToken
            )
            .ConfigureAwait(false);
        try
        {
            var fetch = new BlobFetch(ns, registry, lease.Id, options, progress);
            await FetchDocumentsAsync(fetch, target, document, host, chosen, 0, cancellationToken).ConfigureAwait(false);
            await EachAsync(_documents.Values.Where(d => d.Config is not null).Select(d => d.Config!), fetch, cancellationToken)
                .ConfigureAwait(false);
            var tree = await ImageTree.LoadAsync(ns.Content, target, _origin, cancellationToken).ConfigureAwait(false);
            var selected = tree.Select(name, host, chosen, options.AllPlatforms, optional: !options.Unpack)
                .Where(m => m.Document is not null)
                .ToList();
            // Without any, only an index would be stored.
            if (selected.Count == 0)
                throw ImageOrigin.NoPlatform(name, [host.ToString()], tree.Platforms());
            await EachAsync(
                    (options.AllPlatforms ? _documents.Values : selected.Select(m => m.Document!)).SelectMany(d => d.Layers ?? []),
                    fetch,
                    cancellationToken
                )
                .ConfigureAwait(false);
            await LabelAsync(cancellationToken).ConfigureAwait(false);
            foreach (var manifest in selected)
                await tree.RequireAsync(manifest, cancellationToken).ConfigureAwait(false);
            var unpacker = new ImageUnpacker(ns, _origin);
            var containers = options.Unpack ? selected.Where(ImageTree.IsContainerImage).ToList() : [];
            foreach (
                var manifest in await ns
                    .UnpackablePlatforms.UnpackableAsync(name, containers, snapshotter, options.Warn, cancellationToken)
                    .ConfigureAwait(false)
            )
            {
                var config = await tree.ConfigAsync(manifest, cancellationToken).ConfigureAwait(false);
                await unpacker
                    .UnpackAsync(manifest, config.DiffIds(), snapshotter, lease.Id, progress, cancellationToken)
                    .ConfigureAwait(false);
            }

            var image = (await ns.ImageNames.PutAsync([(name, target)], options.Labels, cancellationToken).ConfigureAwait(false))[0];
            await lease.EndAsync().ConfigureAwait(false);
            return image;
        }
        catch (CtrException e)
            when (e is CtrNotSupportedException || e.ErrorId is ErrorIds.PlatformNotAvailable or ErrorIds.DigestAlgorithmNotSupported)
        {
            // Resuming later would fail in the same way.
            await lease.EndAsync().ConfigureAwait(false);
            throw;
        }
        catch
        {
            await lease.KeepAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task FetchDocumentsAsync(
        BlobFetch fetch,
        OciDescriptor descriptor,
        byte[]? json,
        ImagePlatform host,
        List<ImagePlatform> chosen,
        int depth,
        CancellationToken cancellationToken
    )
    {
        if (!_fetched.TryAdd(descriptor.Digest, descriptor))
            return;
        if (depth > MaxDepth)
            throw _origin.Fault($"its indexes are nested more than {MaxDepth} deep");
        if (_fetched.Count > MaxDocuments)
            throw _origin.Fault($"it has more than {MaxDocuments} manifests");
        json = await fetch.DocumentAsync(descriptor, json, cancellationToken).ConfigureAwait(false);
        _bytes += json.Length;
        if (_bytes > ImageTree.MaxBytes)
            throw _origin.Fault($"its indexes and manifests have more than {ImageTree.MaxBytes >> 20} MiB together");
        var document = OciDocument.Parse(json, descriptor.MediaType, $"the manifest {descriptor.Digest}", _origin);
        _documents[descriptor.Digest] = document;
        foreach (var child in Wanted(document.Manifests ?? [], host, chosen))
        {
            await FetchDocumentsAsync(fetch, child, null, host, chosen, depth + 1, cancellationToken).ConfigureAwait(false);
        }
    }

    // As in containerd's own client: content for a selected platform, and content without a platform.
    private IEnumerable<OciDescriptor> Wanted(List<OciDescriptor> manifests, ImagePlatform host, List<ImagePlatform> chosen)
    {
        var usable = manifests.Where(m => MediaTypes.IsIndex(m.MediaType) || MediaTypes.IsManifest(m.MediaType)).ToList();
        if (options.AllPlatforms)
            return usable;
        var has = usable.Where(m => m.Platform is not null).Select(m => m.Platform!.Canonical()).ToHashSet();
        var wanted = chosen.Count > 0 ? chosen : host.Runnable().Where(has.Contains).Take(1).ToList();
        return usable.Where(m => m.Platform is null || wanted.Contains(m.Platform.Canonical()));
    }

    private async Task EachAsync(IEnumerable<OciDescriptor> blobs, BlobFetch fetch, CancellationToken cancellationToken)
    {
        var distinct = blobs.Where(b => _fetched.TryAdd(b.Digest, b)).ToList();
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Max(1, options.Parallel),
            CancellationToken = cancellationToken,
        };
        await Parallel
            .ForEachAsync(distinct, parallel, async (blob, cancellationToken) =>
                await fetch.BlobAsync(blob, cancellationToken).ConfigureAwait(false)
            )
            .ConfigureAwait(false);
    }

    // Set in one step: the source of a blob, and the references from the image's name to all its content, for the garbage collector.
    private async Task LabelAsync(CancellationToken cancellationToken)
    {
        foreach (var descriptor in _fetched.Values)
        {
            var existing = (await ns.Content.Records.FindAsync(descriptor.Digest, cancellationToken).ConfigureAwait(false))?.Labels
                ?? throw _origin.Fault($"{descriptor.Digest} is missing");
            var labels = ImageLabels.Source(registry.Reference, existing);
            if (_documents.TryGetValue(descriptor.Digest, out var document))
            {
                foreach (var (key, value) in ImageLabels.Children(document.Children(), existing))
                    labels[key] = value;
            }

            await ns.Content.UpdateLabelsAsync(descriptor.Digest, labels, cancellationToken).ConfigureAwait(false);
        }
    }
}
