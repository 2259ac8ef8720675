using Containerd.Client.Storage;
using Containerd.Host.Errors;
using Containerd.Oci;

namespace Containerd.Client;

/// <summary>
/// Releases compressed layer blobs whose files are in snapshots: it removes the labels with which manifests refer to them.
/// </summary>
public sealed class LayerRelease
{
    private const string Layer = "containerd.io/gc.ref.content.l.";
    private const string Config = "containerd.io/gc.ref.content.config";
    private const string Snapshot = "containerd.io/gc.ref.snapshot.";
    private readonly StorageScope _ns;

    internal LayerRelease(StorageScope scope) => _ns = scope;

    /// <summary>Lists the manifests that refer to layers.</summary>
    /// <param name="all">Whether to include those that are not unpacked.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>Their digests.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<string>> FindAsync(bool all, CancellationToken cancellationToken = default)
    {
        var blobs = await _ns.Content.Records.ListPlainAsync(StoreFilter.All, cancellationToken).ConfigureAwait(false);
        var unpacked = new HashSet<string>(StringComparer.Ordinal);
        foreach (var blob in blobs)
        {
            if (await IsUnpackedAsync(blob, cancellationToken).ConfigureAwait(false))
                unpacked.Add(blob.Digest);
        }

        return
        [
            .. blobs
                .Where(b => LayersOf(b).Any() && (all || (b.Labels.TryGetValue(Config, out var config) && unpacked.Contains(config))))
                .Select(b => b.Digest),
        ];
    }

    /// <summary>Selects the manifests of images that refer to layers, with the reasons for which some are kept.</summary>
    /// <param name="images">The full names of the images.</param>
    /// <param name="all">Whether to include manifests that are not unpacked.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The manifests to release, the layers of all of the images, and a sentence for each manifest that is kept.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<LayerSelection> FindAsync(IReadOnlyCollection<string> images, bool all, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        var graph = await StorageGraph.LoadAsync(_ns, [], cancellationToken).ConfigureAwait(false);
        var chosen = graph.Images.Where(i => images.Contains(i.Name)).ToList();
        var reached = graph.Reach(chosen.SelectMany(i => i.References));
        var manifests = graph.Blobs.Where(b => LayersOf(b).Any() && reached.Contains(StorageGraph.Node.Content(b.Digest))).ToList();
        var unpacked = new HashSet<string>(StringComparer.Ordinal);
        foreach (var blob in graph.Blobs.Where(b => reached.Contains(StorageGraph.Node.Content(b.Digest))))
        {
            if (await IsUnpackedAsync(blob, cancellationToken).ConfigureAwait(false))
                unpacked.Add(blob.Digest);
        }

        var (released, kept) = (new List<string>(), new List<string>());
        foreach (var manifest in manifests)
        {
            if (OthersOf(graph, manifest.Digest, images) is { Count: > 0 } others)
                kept.Add($"The layers of the manifest {manifest.Digest} are kept: {string.Join(", ", others)} needs them.");
            else if (!all && !(manifest.Labels.TryGetValue(Config, out var config) && unpacked.Contains(config)))
                kept.Add($"The layers of the manifest {manifest.Digest} are kept: they are not unpacked, and the image needs them to run.");
            else
                released.Add(manifest.Digest);
        }

        return new LayerSelection(
            released,
            [.. manifests.Where(m => released.Contains(m.Digest)).SelectMany(m => LayersOf(m).Select(k => m.Labels[k])).Distinct()],
            kept
        );
    }

    /// <summary>Explains which layers of released manifests are kept in the store.</summary>
    /// <param name="selection">The released manifests.</param>
    /// <param name="images">The full names of the images.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A sentence for each layer that is kept.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<string>> KeptAsync(
        LayerSelection selection,
        IReadOnlyCollection<string> images,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(selection);
        var graph = await StorageGraph.LoadAsync(_ns, [], cancellationToken).ConfigureAwait(false);
        return
        [
            .. graph
                .Blobs.Where(b => selection.Layers.Contains(b.Digest))
                .Select(b =>
                    $"The layer {b.Digest} ({new CtrSize(b.Size ?? 0)}) stays: "
                    + (OthersOf(graph, b.Digest, images) is { Count: > 0 } others ? string.Join(", ", others) : "a label or another object")
                    + " needs it."
                ),
        ];
    }

    private static List<string> OthersOf(StorageGraph graph, string digest, IReadOnlyCollection<string> images) =>
        [
            .. graph
                .UsersOf(StorageGraph.Node.Content(digest), exceptLease: null)
                .Where(user => !images.Any(name => user == $"the image '{name}'")),
        ];

    /// <summary>Releases the layers of manifests.</summary>
    /// <param name="manifests">The digests of the manifests.</param>
    /// <param name="synchronous">Whether to wait for the garbage collector.</param>
    /// <param name="progress">Receives the number of processed manifests; null for none.</param>
    /// <param name="cancellationToken">
    /// The token to monitor for cancellation requests. Layers that were released before stay released.
    /// </param>
    /// <returns>The removed blobs; none without waiting for the garbage collector.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrContent>> ReleaseAsync(
        IReadOnlyList<string> manifests,
        bool synchronous,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(manifests);
        var before = await _ns.Content.ListAsync(StoreFilter.All, cancellationToken).ConfigureAwait(false);
        var released = 0;
        foreach (var manifest in before.Where(b => manifests.Contains(b.Digest)))
        {
            await _ns
                .Content.UpdateLabelsAsync(manifest.Digest, LayersOf(manifest).ToDictionary(k => k, _ => ""), cancellationToken)
                .ConfigureAwait(false);
            progress?.Report(new ImageProgress(ImageProgressStage.Removing, manifest.Digest, ++released, manifests.Count));
        }

        await _ns.Leases.CollectAsync(synchronous, cancellationToken).ConfigureAwait(false);
        if (!synchronous)
            return [];
        var after = (await _ns.Content.Records.ListPlainAsync(StoreFilter.All, cancellationToken).ConfigureAwait(false))
            .Select(b => b.Digest)
            .ToHashSet(StringComparer.Ordinal);
        return [.. before.Where(b => !after.Contains(b.Digest))];
    }

    // The label outlives the snapshot that it names.
    private async Task<bool> IsUnpackedAsync(CtrContent config, CancellationToken cancellationToken)
    {
        foreach (var (label, snapshot) in config.Labels)
        {
            if (
                label.StartsWith(Snapshot, StringComparison.Ordinal)
                && await _ns.Snapshots.Records.FindAsync(label[Snapshot.Length..], snapshot, cancellationToken).ConfigureAwait(false)
                    is not null
            )
                return true;
        }

        return false;
    }

    private static IEnumerable<string> LayersOf(CtrContent blob) =>
        blob.Labels.Keys.Where(k => k.StartsWith(Layer, StringComparison.Ordinal));
}
