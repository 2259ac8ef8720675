using Containerd.Oci.Images;

namespace Containerd.Client.Images;

/// <summary>The selected part of an image, complete in itself.</summary>
/// <param name="Root">The manifest or index of the image; a shorter index, or a single manifest, if not all platforms are selected.</param>
/// <param name="Manifests">The selected manifests.</param>
/// <param name="Omitted">The other manifests.</param>
internal sealed record ImageSelection(ImageDocument Root, IReadOnlyList<ImageManifest> Manifests, IReadOnlyList<ImageManifest> Omitted)
{
    public IReadOnlyList<string> Platforms => Names(Manifests);

    public IReadOnlyList<string> OmittedPlatforms => Names(Omitted);

    /// <summary>Selects platforms, and verifies that all their content exists locally.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="name">The name of the image in errors.</param>
    /// <param name="target">The target of the name.</param>
    /// <param name="origin">The start of error messages about its content.</param>
    /// <param name="platforms">The selected platforms; none for those that are complete.</param>
    /// <param name="all">Whether every platform must exist locally.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The selection.</returns>
    /// <exception cref="CtrNotFoundException">PlatformNotAvailable.</exception>
    /// <exception cref="CtrDataException">ImageIncomplete, DigestMismatch.</exception>
    public static async Task<ImageSelection> MakeAsync(
        ImageScope ns,
        string name,
        OciDescriptor target,
        ImageOrigin origin,
        IReadOnlyList<string> platforms,
        bool all,
        CancellationToken cancellationToken
    )
    {
        var tree = await ImageTree.LoadAsync(ns.Content, target, origin, cancellationToken).ConfigureAwait(false);
        var host = await ns.ImageRecords.DaemonPlatformAsync(cancellationToken).ConfigureAwait(false);
        var chosen = platforms.Select(p => ImagePlatform.Parse(p, host)).Distinct().ToList();
        IReadOnlyList<ImageManifest> selected =
            all ? tree.Manifests
            : chosen.Count > 0 ? [.. tree.Select(name, host, chosen, all: false, optional: false)]
            : await PresentAsync(tree, origin, cancellationToken).ConfigureAwait(false);
        foreach (var manifest in selected)
            await tree.RequireAsync(manifest, cancellationToken).ConfigureAwait(false);

        // An index of one manifest would be useless: so the digest of that manifest is used.
        var root = selected.Count == 1 && tree.Manifests.Count > 1 ? selected[0].Descriptor : target;
        var documents = tree.Documents.DistinctBy(d => d.Descriptor.Digest).ToDictionary(d => d.Descriptor.Digest, d => d.Document);
        var document = await ImageDocument
            .MakeAsync(ns.Content, root, documents, selected.Select(m => m.Descriptor.Digest).ToHashSet(), cancellationToken)
            .ConfigureAwait(false)
            ?? throw origin.Fault($"{root.Digest} is missing");
        return new ImageSelection(document, selected, [.. tree.Manifests.Except(selected)]);
    }

    private static async Task<IReadOnlyList<ImageManifest>> PresentAsync(
        ImageTree tree,
        ImageOrigin origin,
        CancellationToken cancellationToken
    )
    {
        var here = new List<ImageManifest>();
        CtrException? missing = null;
        foreach (var manifest in tree.Manifests)
        {
            try
            {
                await tree.RequireAsync(manifest, cancellationToken).ConfigureAwait(false);
                here.Add(manifest);
            }
            catch (CtrDataException e)
            {
                missing ??= e;
            }
        }

        return here.Count > 0 ? here : throw missing ?? origin.Fault("it has no manifest");
    }

    private static string[] Names(IEnumerable<ImageManifest> manifests) =>
        [.. manifests.Select(m => m.Platform).Where(p => p is { IsKnown: true }).Select(p => p!.ToString()).Distinct()];
}
