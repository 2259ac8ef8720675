using Containerd.Oci.Images;

namespace Containerd.Client.Images;

/// <summary>The part of an image that leaves the store, complete in itself.</summary>
/// <param name="Root">The image's own manifest or index; a shorter index, or the one manifest, where not all platforms go.</param>
/// <param name="Manifests">The manifests that go.</param>
/// <param name="Omitted">Those that do not.</param>
internal sealed record ImageSelection(ImageDocument Root, IReadOnlyList<ImageManifest> Manifests, IReadOnlyList<ImageManifest> Omitted)
{
    public IReadOnlyList<string> Platforms => Names(Manifests);

    public IReadOnlyList<string> OmittedPlatforms => Names(Omitted);

    /// <summary>Chooses platforms, and sees to it that all their content is here.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="name">What an error calls the image.</param>
    /// <param name="target">What the name points to.</param>
    /// <param name="origin">How errors about its content begin.</param>
    /// <param name="platforms">The wanted platforms; none for those that are all here.</param>
    /// <param name="all">Whether every platform must be here.</param>
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

        // An index of one manifest would be no use: so it is that manifest's own digest which people see.
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
