using Containerd.Oci.Images;
using Containerd.Oci.Registry;

namespace Containerd.Oci.Layouts;

/// <summary>The indexes and manifests of an image that are wanted, read from its registry into memory.</summary>
internal sealed class RegistryTree(RegistryRepository registry, string name)
{
    // Indexes of indexes exist; deeper ones and larger ones are an attack or a mistake.
    private const int MaxDepth = 8;
    private const int MaxDocuments = 4096;
    private const long MaxBytes = 32L << 20;

    private readonly ImageOrigin _origin = ImageOrigin.Registry(name);
    private readonly Dictionary<string, RegistryDocument> _documents = new(StringComparer.Ordinal);
    private readonly List<OciDescriptor> _listed = [];
    private long _bytes;

    /// <summary>The full name of the image.</summary>
    internal string Name => name;

    /// <summary>What the name stands for.</summary>
    internal RegistryDocument Root { get; private set; } = null!;

    /// <summary>The indexes and manifests that were read, each once, parents first.</summary>
    internal IEnumerable<RegistryDocument> Documents => _documents.Values;

    /// <summary>The chosen manifests, in the order of the choice.</summary>
    internal IReadOnlyList<RegistryDocument> Manifests { get; private set; } = [];

    /// <summary>The platforms that descriptors name, each once.</summary>
    internal static IReadOnlyList<string> PlatformsOf(IEnumerable<OciDescriptor> manifests) =>
        [.. manifests.Select(m => m.Platform?.Canonical()).Where(p => p is { IsKnown: true }).Select(p => p!.ToString()).Distinct()];

    /// <summary>Reads what the name stands for, and nothing else.</summary>
    internal async Task<RegistryDocument> RootAsync(CancellationToken cancellationToken)
    {
        var (target, json) = await registry.ResolveAsync(cancellationToken).ConfigureAwait(false);
        if (!MediaTypes.IsIndex(target.MediaType) && !MediaTypes.IsManifest(target.MediaType))
            throw _origin.Fault($"{target.Digest} has the media type '{target.MediaType}', which is not an image");
        return Root = await ReadAsync(target, json, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the manifests of the chosen platforms, and the indexes that lead to them.</summary>
    /// <param name="platforms">The chosen platforms; none for the platform of this process.</param>
    /// <param name="all">Whether everything is read.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrNotFoundException">PlatformNotAvailable.</exception>
    internal async Task LoadAsync(IReadOnlyList<string> platforms, bool all, CancellationToken cancellationToken)
    {
        var chosen = platforms.Select(p => ImagePlatform.Parse(p, ImagePlatform.Host)).Distinct().ToList();
        var root = await RootAsync(cancellationToken).ConfigureAwait(false);
        if (MediaTypes.IsManifest(root.Descriptor.MediaType))
        {
            if (chosen.Count > 0 && !all)
                await RequirePlatformAsync(root.Document, chosen, cancellationToken).ConfigureAwait(false);
            Manifests = [root];
            return;
        }

        await VisitAsync(root, all, 1, cancellationToken).ConfigureAwait(false);
        Manifests = all
            ? [.. Documents.Where(d => MediaTypes.IsManifest(d.Descriptor.MediaType))]
            : await ChooseAsync(chosen, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the config of a manifest.</summary>
    /// <exception cref="CtrNotSupportedException">It is not a container image (ImageNotRunnable).</exception>
    internal async Task<OciConfig> ConfigAsync(OciDocument manifest, CancellationToken cancellationToken)
    {
        var config = manifest.Config!;
        if (config.MediaType is not (MediaTypes.OciConfig or MediaTypes.DockerConfig))
            throw ImageOrigin.NotRunnable(name, config.MediaType);
        if (config.Size > OciJson.MaxBytes)
            throw _origin.Fault($"the config {config.Digest} is larger than {OciJson.MaxBytes >> 20} MiB");
        using var json = new MemoryStream();
        var download = new BlobDownload(registry, config, 0, TimeSpan.FromMilliseconds(500));
        await using var downloadDisposal = download.ConfigureAwait(false);
        var buffer = new byte[64 << 10];
        while (await download.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var read and > 0)
            json.Write(buffer.AsSpan(0, read));
        if (OciDescriptor.DigestOf(json.ToArray()) != config.Digest)
            throw RegistryErrors.Digest(name, $"what came as {config.Digest} is something else");
        return OciJson.Parse<OciConfig>(json.ToArray(), $"the config {config.Digest}", _origin);
    }

    // Without a choice only nested indexes are read now: the manifest is, once it has been chosen among all of them.
    private async Task VisitAsync(RegistryDocument index, bool all, int depth, CancellationToken cancellationToken)
    {
        if (depth > MaxDepth)
            throw _origin.Fault($"its indexes are nested more than {MaxDepth} deep");
        foreach (var child in index.Document.Manifests!)
        {
            if (_documents.ContainsKey(child.Digest))
                continue;
            if (MediaTypes.IsIndex(child.MediaType))
                await VisitAsync(await ReadAsync(child, null, cancellationToken).ConfigureAwait(false), all, depth + 1, cancellationToken)
                    .ConfigureAwait(false);
            else if (MediaTypes.IsManifest(child.MediaType))
            {
                _listed.Add(child);
                if (all)
                    await ReadAsync(child, null, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<IReadOnlyList<RegistryDocument>> ChooseAsync(List<ImagePlatform> chosen, CancellationToken cancellationToken)
    {
        var found = new List<OciDescriptor>();
        if (chosen.Count > 0)
        {
            foreach (var platform in chosen)
                found.Add(Find([platform]) ?? throw Missing(platform));
        }
        else
        {
            // One manifest without a platform is for any.
            found.Add(
                Find(ImagePlatform.Host.Runnable()) ?? (_listed is [{ Platform: null } only] ? only : throw Missing(ImagePlatform.Host))
            );
        }

        var manifests = new List<RegistryDocument>();
        foreach (var descriptor in found)
            manifests.Add(await ReadAsync(descriptor, null, cancellationToken).ConfigureAwait(false));
        return manifests;

        OciDescriptor? Find(IEnumerable<ImagePlatform> wanted) =>
            wanted.Select(p => _listed.Find(m => m.Platform?.Canonical() == p)).FirstOrDefault(m => m is not null);

        CtrNotFoundException Missing(ImagePlatform platform) => ImageOrigin.NoPlatform(name, [platform.ToString()], PlatformsOf(_listed));
    }

    private async Task RequirePlatformAsync(OciDocument manifest, List<ImagePlatform> chosen, CancellationToken cancellationToken)
    {
        var platform = (await ConfigAsync(manifest, cancellationToken).ConfigureAwait(false)).Platform();
        if (chosen.Find(p => p != platform) is { } missing)
            throw ImageOrigin.NoPlatform(name, [missing.ToString()], platform.IsKnown ? [platform.ToString()] : []);
    }

    private async Task<RegistryDocument> ReadAsync(OciDescriptor descriptor, byte[]? json, CancellationToken cancellationToken)
    {
        if (_documents.TryGetValue(descriptor.Digest, out var known))
            return known;
        if (_documents.Count >= MaxDocuments)
            throw _origin.Fault($"it has more than {MaxDocuments} manifests");
        if (descriptor.Size > RegistryRepository.MostManifestBytes)
            throw _origin.Fault($"the manifest {descriptor.Digest} has {descriptor.Size} bytes", ErrorIds.ManifestTooLarge);
        json ??= await registry.ManifestAsync(descriptor, cancellationToken).ConfigureAwait(false);
        _bytes += json.Length;
        if (_bytes > MaxBytes)
            throw _origin.Fault($"its indexes and manifests have more than {MaxBytes >> 20} MiB together");
        var document = OciDocument.Parse(json, descriptor.MediaType, $"the manifest {descriptor.Digest}", _origin);
        return _documents[descriptor.Digest] = new RegistryDocument(descriptor, json, document);
    }
}
