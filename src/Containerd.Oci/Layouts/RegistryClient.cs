using Containerd.Host.Errors;
using Containerd.Oci.Images;
using Containerd.Oci.Layouts;
using Containerd.Oci.Registry;

namespace Containerd.Oci;

/// <summary>
/// Reads images from registries, without any daemon: over the distribution API, with mirrors (<c>hosts.toml</c>), Docker's credentials and
/// credential helpers, and retries. Short names are completed as Docker does it. All members can be used by several threads.
/// </summary>
public sealed class RegistryClient
{
    private readonly RegistryOptions _options;

    /// <summary>Creates a client. It opens no connection.</summary>
    /// <param name="options">How registries are reached; null for the defaults.</param>
    public RegistryClient(RegistryOptions? options = null) => _options = options ?? new RegistryOptions();

    /// <summary>Reads the manifest, or the index, that a name stands for now.</summary>
    /// <param name="image">The name, short or full, with a tag or a digest.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The document. Its bytes have been checked against its digest.</returns>
    /// <exception cref="CtrArgumentException">The name is not valid (InvalidImageName).</exception>
    /// <exception cref="CtrNotFoundException">The registry does not have it (ImageNotFoundInRegistry).</exception>
    /// <exception cref="CtrPermissionException">The registry refuses it.</exception>
    /// <exception cref="CtrConnectionException">The registry cannot be reached.</exception>
    /// <exception cref="CtrDataException">What the registry sends is not valid.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<RegistryManifest> GetManifestAsync(string image, CancellationToken cancellationToken = default)
    {
        var name = ImageReference.Normalize(image);
        using var registry = new RegistryRepository(RegistryReference.Parse(name), _options);
        var root = await new RegistryTree(registry, name).RootAsync(cancellationToken).ConfigureAwait(false);
        return new RegistryManifest
        {
            Name = name,
            Digest = root.Descriptor.Digest,
            MediaType = root.Descriptor.MediaType,
            Content = root.Json,
            Platforms = RegistryTree.PlatformsOf(root.Document.Manifests ?? []),
        };
    }

    /// <summary>Reads what an image is for one platform: its manifest and its config.</summary>
    /// <param name="image">The name, short or full, with a tag or a digest.</param>
    /// <param name="platform">
    /// The platform, such as <c>linux/arm64</c>; null for the platform of this process, or the only one that the image has.
    /// </param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The image.</returns>
    /// <exception cref="CtrNotFoundException">
    /// The registry does not have it (ImageNotFoundInRegistry), or not for this platform (PlatformNotAvailable).
    /// </exception>
    /// <exception cref="CtrNotSupportedException">It is an artifact, not a container image (ImageNotRunnable).</exception>
    /// <inheritdoc cref="GetManifestAsync" path="/exception"/>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<ResolvedImage> ResolveAsync(string image, string? platform = null, CancellationToken cancellationToken = default)
    {
        var name = ImageReference.Normalize(image);
        using var registry = new RegistryRepository(RegistryReference.Parse(name), _options);
        var tree = new RegistryTree(registry, name);
        await tree.LoadAsync(platform is null ? [] : [platform], false, cancellationToken).ConfigureAwait(false);
        var manifest = tree.Manifests[0];
        var config = await tree.ConfigAsync(manifest.Document, cancellationToken).ConfigureAwait(false);
        return new ResolvedImage(
            name,
            tree.Root.Descriptor,
            new ImageManifest(manifest.Descriptor, manifest.Document, config.Platform()),
            config.ToModel()
        );
    }

    /// <summary>
    /// Pulls an image into a folder that is an OCI image layout, or becomes one. The folder can hold other images; blobs that it has are
    /// not downloaded again, and an image of this name is replaced. The name is written last, when all content is there and its digests
    /// have been checked.
    /// </summary>
    /// <param name="image">The name, short or full, with a tag or a digest.</param>
    /// <param name="layoutPath">The folder.</param>
    /// <param name="options">What to pull; null for the defaults.</param>
    /// <param name="progress">Told of each blob's progress; null for no reports.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The image in the layout.</returns>
    /// <exception cref="CtrNotFoundException">
    /// The registry does not have it (ImageNotFoundInRegistry), or not for this platform (PlatformNotAvailable).
    /// </exception>
    /// <exception cref="CtrConflictException">The folder has files and is not an OCI image layout (LayoutInvalid).</exception>
    /// <inheritdoc cref="GetManifestAsync" path="/exception"/>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<LayoutImage> PullAsync(
        string image,
        string layoutPath,
        ImageLayoutOptions? options = null,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(layoutPath);
        options ??= new ImageLayoutOptions();
        var name = ImageReference.Normalize(image);
        using var registry = new RegistryRepository(RegistryReference.Parse(name), _options);
        var tree = new RegistryTree(registry, name);
        await tree.LoadAsync(options.Platforms, options.AllPlatforms, cancellationToken).ConfigureAwait(false);
        var folder = await LayoutFolder.OpenAsync(layoutPath, cancellationToken).ConfigureAwait(false);
        return await new LayoutPull(registry, tree, folder, _options.RetryDelay, progress)
            .RunAsync(options.AllPlatforms, options.Parallel, cancellationToken)
            .ConfigureAwait(false);
    }
}
