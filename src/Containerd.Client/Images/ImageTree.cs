using Containerd.Oci.Images;

namespace Containerd.Client.Images;

/// <summary>The indexes and manifests of an image in the content store.</summary>
internal sealed class ImageTree
{
    // Indexes of indexes exist; deeper ones and larger ones are an attack or a mistake.
    private const int MaxDepth = 8;
    private const int MaxDocuments = 4096;

    // All of them together are held in memory.
    internal const long MaxBytes = 32L << 20;

    private readonly ContentStore _content;
    private readonly ImageOrigin _origin;
    private readonly List<(OciDescriptor Descriptor, OciDocument Document)> _documents = [];
    private readonly List<ImageManifest> _manifests = [];
    private readonly Action<OciDescriptor, CtrDataException>? _damaged;
    private int _visited;
    private long _bytes;

    private ImageTree(ContentStore content, ImageOrigin origin, Action<OciDescriptor, CtrDataException>? damaged) =>
        (_content, _origin, _damaged) = (content, origin, damaged);

    /// <summary>The manifests, in the order of the index.</summary>
    public IReadOnlyList<ImageManifest> Manifests => _manifests;

    /// <summary>Indexes and manifests that the store has, parents first.</summary>
    public IReadOnlyList<(OciDescriptor Descriptor, OciDocument Document)> Documents => _documents;

    /// <summary>Reads all local content; only the target itself must exist.</summary>
    /// <param name="content">The store.</param>
    /// <param name="target">The target of the image's name.</param>
    /// <param name="origin">The start of error messages.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <param name="damaged">Receives indexes, manifests or configs that cannot be read, which are then treated as missing; null if that
    /// is an error.
    /// </param>
    public static async Task<ImageTree> LoadAsync(
        ContentStore content,
        OciDescriptor target,
        ImageOrigin origin,
        CancellationToken cancellationToken,
        Action<OciDescriptor, CtrDataException>? damaged = null
    )
    {
        var tree = new ImageTree(content, origin, damaged);
        if (target.Flaw() is { } flaw)
            throw origin.Fault(flaw, target.FlawId);
        if (!MediaTypes.IsIndex(target.MediaType) && !MediaTypes.IsManifest(target.MediaType))
            throw origin.Fault($"{target.Digest} has the media type '{target.MediaType}', which is not an image");
        await tree.VisitAsync(target, 0, cancellationToken).ConfigureAwait(false);
        if (tree._documents.Count == 0)
            throw origin.Fault($"the manifest {target.Digest} is missing");
        return tree;
    }

    /// <summary>
    /// The type of the artifact that this is, such as a chart or a model; empty for a container's image. If the document does not contain
    /// it, it is the type of its config (OCI image spec, "Guidelines for Artifact Usage").
    /// </summary>
    public string ArtifactType
    {
        get
        {
            var stored = _manifests.Where(m => m.Document is not null).ToList();
            if (stored.Count == 0 || stored.Exists(IsContainerImage))
                return "";
            return _documents[0].Document.ArtifactType is { Length: > 0 } own ? own
                : stored[0].Document!.ArtifactType is { Length: > 0 } type ? type
                : stored[0].Document!.Config!.MediaType;
        }
    }

    /// <summary>The platforms that the image is for, each once.</summary>
    /// <param name="stored">Whether to return only those whose manifests are in the store.</param>
    public IReadOnlyList<string> Platforms(bool stored = false) =>
        [
            .. _manifests
                .Where(m => !stored || m.Document is not null)
                .Select(m => m.Platform)
                .Where(p => p is { IsKnown: true })
                .Select(p => p!.ToString())
                .Distinct(),
        ];

    /// <summary>The manifest for the best of these platforms; null if there is none.</summary>
    public ImageManifest? Choose(IEnumerable<ImagePlatform> wanted)
    {
        foreach (var platform in wanted)
        {
            if (_manifests.FirstOrDefault(m => m.Platform == platform) is { } found)
                return found;
        }

        // An image without a platform is treated as one for any platform.
        return _manifests is [{ Platform: not { IsKnown: true }, Document: not null } only] && IsContainerImage(only) ? only : null;
    }

    /// <summary>The manifests that must be complete, and that are unpacked.</summary>
    /// <param name="name">The name of the image in errors.</param>
    /// <param name="host">The daemon's platform, which is the default.</param>
    /// <param name="chosen">The selected platforms; none for the daemon's own.</param>
    /// <param name="all">Whether all platforms are selected.</param>
    /// <param name="optional">Whether the daemon's own may be missing; a single manifest is then used instead.</param>
    public IEnumerable<ImageManifest> Select(string name, ImagePlatform host, IReadOnlyList<ImagePlatform> chosen, bool all, bool optional)
    {
        if (all)
            return _manifests.Where(m => m.Platform is not { IsKnown: false });
        // An artifact is for every platform, unless it specifies one.
        if (ArtifactType.Length > 0 && !_manifests.Exists(m => m.Platform is { IsKnown: true }))
            return _manifests.Where(m => m.Document is not null);
        if (chosen.Count > 0)
            return chosen.Select(p => Choose([p]) ?? throw ImageOrigin.NoPlatform(name, [p.ToString()], Platforms()));
        if (Choose(host.Runnable()) is { Document: not null } best)
            return [best];
        if (optional && _manifests is [{ Document: not null } only])
            return [only];
        return optional ? [] : throw ImageOrigin.NoPlatform(name, [host.ToString()], Platforms(stored: true));
    }

    /// <summary>Whether a manifest is a container image, instead of other content of registries.</summary>
    public static bool IsContainerImage(ImageManifest manifest) =>
        manifest.Document!.Config!.MediaType is MediaTypes.OciConfig or MediaTypes.DockerConfig;

    /// <summary>Reads a manifest's config.</summary>
    public async Task<OciConfig> ConfigAsync(ImageManifest manifest, CancellationToken cancellationToken)
    {
        var descriptor = (manifest.Document ?? throw _origin.Fault($"the manifest {manifest.Descriptor.Digest} is missing")).Config!;
        if (!IsContainerImage(manifest))
            throw ImageOrigin.NotRunnable(_origin.Subject, descriptor.MediaType);
        return await ConfigAsync(descriptor, cancellationToken).ConfigureAwait(false)
            ?? throw _origin.Fault($"the config {descriptor.Digest} is missing");
    }

    /// <summary>Verifies that all references of a manifest are in the store, with the correct size.</summary>
    public async Task RequireAsync(ImageManifest manifest, CancellationToken cancellationToken)
    {
        if (manifest.Document is null)
            throw _origin.Fault($"the manifest {manifest.Descriptor.Digest} ({manifest.Platform}) is missing");
        foreach (var (child, number) in manifest.Document.Children().Select((c, i) => (c, i)))
        {
            var what = number == 0 ? "the config" : $"the layer {number}";
            var info = await _content.Records.FindAsync(child.Digest, cancellationToken).ConfigureAwait(false)
                ?? throw _origin.Fault($"{what} ({child.Digest}) is missing");
            if (info.Size != child.Size)
                throw _origin.Mismatch($"{what} ({child.Digest}) has {info.Size} bytes where its manifest says {child.Size}");
        }
    }

    private async Task VisitAsync(OciDescriptor descriptor, int depth, CancellationToken cancellationToken)
    {
        if (depth > MaxDepth)
            throw _origin.Fault($"its indexes are nested more than {MaxDepth} deep");
        if (++_visited > MaxDocuments)
            throw _origin.Fault($"it has more than {MaxDocuments} manifests");
        var document = await TryAsync(descriptor, () => ReadAsync(descriptor, cancellationToken)).ConfigureAwait(false);
        if (document is not null)
            _documents.Add((descriptor, document));
        if (MediaTypes.IsManifest(descriptor.MediaType))
        {
            _manifests.Add(
                new ImageManifest(descriptor, document, await PlatformAsync(descriptor, document, cancellationToken).ConfigureAwait(false))
            );
            return;
        }

        foreach (var child in document?.Manifests ?? [])
        {
            if (MediaTypes.IsIndex(child.MediaType) || MediaTypes.IsManifest(child.MediaType))
                await VisitAsync(child, depth + 1, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<ImagePlatform?> PlatformAsync(OciDescriptor descriptor, OciDocument? document, CancellationToken cancellationToken)
    {
        if (descriptor.Platform is { } stated)
            return stated.Canonical();
        if (document?.Config is not { MediaType: MediaTypes.OciConfig or MediaTypes.DockerConfig } config)
            return null;
        return
            await TryAsync(config, () => ConfigAsync(config, cancellationToken)).ConfigureAwait(false) is { } read
            && read.Platform() is { IsKnown: true } platform
            ? platform
            : null;
    }

    private async Task<T?> TryAsync<T>(OciDescriptor descriptor, Func<Task<T?>> read)
        where T : class
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (CtrDataException e) when (_damaged is not null)
        {
            _damaged(descriptor, e);
            return null;
        }
    }

    private async Task<OciDocument?> ReadAsync(OciDescriptor descriptor, CancellationToken cancellationToken)
    {
        var json = await ReadJsonAsync(descriptor, "the manifest", cancellationToken).ConfigureAwait(false);
        return json is null ? null : OciDocument.Parse(json, descriptor.MediaType, $"the manifest {descriptor.Digest}", _origin);
    }

    private async Task<OciConfig?> ConfigAsync(OciDescriptor descriptor, CancellationToken cancellationToken)
    {
        var json = await ReadJsonAsync(descriptor, "the config", cancellationToken).ConfigureAwait(false);
        return json is null ? null : OciJson.Parse<OciConfig>(json, $"the config {descriptor.Digest}", _origin);
    }

    private async Task<byte[]?> ReadJsonAsync(OciDescriptor descriptor, string what, CancellationToken cancellationToken)
    {
        if (descriptor.Size > OciJson.MaxBytes)
            throw TooLarge();
        byte[]? json;
        try
        {
            json = await _content.ReadAllAsync(descriptor.Digest, OciJson.MaxBytes, cancellationToken).ConfigureAwait(false);
        }
        catch (CtrDataException e) when (e.ErrorId == ErrorIds.ContentTooLarge)
        {
            throw TooLarge();
        }

        _bytes += json?.Length ?? 0;
        if (_bytes > MaxBytes)
            throw _origin.Fault($"its indexes, manifests and configs have more than {MaxBytes >> 20} MiB together");
        if (json is not null && json.Length != descriptor.Size)
            throw _origin.Mismatch($"{what} {descriptor.Digest} has {json.Length} bytes where its descriptor says {descriptor.Size}");
        return json;

        CtrDataException TooLarge() => _origin.Fault($"{what} {descriptor.Digest} is larger than {OciJson.MaxBytes >> 20} MiB");
    }
}
