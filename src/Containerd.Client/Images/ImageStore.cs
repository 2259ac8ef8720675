using Containerd.Client.Images;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Client.Wire.Images;
using Containerd.Host;
using Containerd.Host.Errors;
using Containerd.Host.Files;
using Containerd.Oci;
using Containerd.Oci.Archives;
using Containerd.Oci.Images;

namespace Containerd.Client;

/// <summary>The images of a namespace: their names, and the content that the names lead to.</summary>
public sealed class ImageStore
{
    /// <summary>How long the lease of an operation holds its objects if the client disappears.</summary>
    internal static readonly TimeSpan LeaseExpiry = TimeSpan.FromHours(1);
    private readonly ImageScope _namespace;

    internal ImageStore(ImageScope ns) => _namespace = ns;

    private ImageRecords Records => _namespace.ImageRecords;

    private ImageNames Names => _namespace.ImageNames;

    /// <summary>Lists the names of all images (images.v1 List), without reading their content.</summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The full names, in order.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellationToken = default) =>
        [.. (await Records.ListAsync(cancellationToken).ConfigureAwait(false)).Select(i => i.Name)];

    /// <summary>Lists the names for users: only the tags of an image that has tags.</summary>
    /// <param name="withDigests">Whether to include names with a digest.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The full names, in order.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<string>> NamesForCompletionAsync(bool withDigests, CancellationToken cancellationToken = default)
    {
        var all = await Records.TargetsAsync(cancellationToken).ConfigureAwait(false);
        var tagged = all.Where(i => !IsByDigest(i.Name)).Select(i => i.Digest).ToHashSet(StringComparer.Ordinal);
        // CRI clients also name an image by the digest of its config, which no target has: it is useless for users.
        return
        [
            .. all.Where(i =>
                    withDigests || !IsByDigest(i.Name) || (!tagged.Contains(i.Digest) && i.Name.Contains('@', StringComparison.Ordinal))
                )
                .Select(i => i.Name),
        ];

        static bool IsByDigest(string name) => name.Contains('@', StringComparison.Ordinal) || ContentDigest.IsOne(name);
    }

    /// <summary>All images (images.v1 List).</summary>
    /// <param name="filter">Which ones.</param>
    /// <param name="names">Selects names; null for all.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The images, by name.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrImage>> ListAsync(
        StoreFilter filter,
        Func<string, bool>? names = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(filter);
        var images = new List<CtrImage>();
        foreach (var image in await Records.ListAsync(cancellationToken, filter).ConfigureAwait(false))
        {
            if (names is null || names(image.Name))
                images.Add(await Names.DescribeAsync(image, cancellationToken).ConfigureAwait(false));
        }

        return images;
    }

    /// <summary>One image (images.v1 Get).</summary>
    /// <param name="name">Its name, in full or short.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The image.</returns>
    /// <exception cref="CtrNotFoundException">ImageNotFound.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrImage> GetAsync(string name, CancellationToken cancellationToken = default) =>
        await Names
            .DescribeAsync(await Records.FindAsync(name, cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);

    /// <summary>Resolves the full name of an existing image (images.v1 Get).</summary>
    /// <param name="name">Its name, in full or short.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The full name.</returns>
    /// <exception cref="CtrNotFoundException">ImageNotFound.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<string> FindNameAsync(string name, CancellationToken cancellationToken = default) =>
        (await Records.FindAsync(name, cancellationToken).ConfigureAwait(false)).Name;

    /// <summary>Lists the containers that were created from an image (containers.v1 List).</summary>
    /// <param name="name">The full name of the image.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The containers' ids.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<string>> UsersAsync(string name, CancellationToken cancellationToken = default)
    {
        var request = new Wire.Containers.ListContainersRequest { Filters = { $"image=={StoreFilter.Quote(name)}" } };
        var answer = await new Wire.Containers.Containers.ContainersClient(_namespace.Calls())
            .ListAsync(request, cancellationToken: cancellationToken)
            .TranslateErrors(Resource.Container)
            .ConfigureAwait(false);
        return [.. answer.Containers.Select(c => c.Id).Order(StringComparer.Ordinal)];
    }

    /// <summary>Imports the images of an archive file: all of them, or, on any error, nothing.</summary>
    /// <param name="path">The file: an OCI layout or a Docker archive as a tar, plain or compressed with gzip or zstd.</param>
    /// <param name="options">The import options.</param>
    /// <param name="progress">Receives progress, frequently and on any thread; null for none.</param>
    /// <param name="cancellationToken">
    /// The token to monitor for cancellation requests. Changes are undone before the returned task completes.
    /// </param>
    /// <returns>The images, in the archive's order.</returns>
    /// <exception cref="CtrDataException">
    /// ImageArchiveInvalid, ImageArchiveTruncated, DigestMismatch, ImageNameMissing, LayerNotUnpacked.
    /// </exception>
    /// <exception cref="CtrNotFoundException">PlatformNotAvailable.</exception>
    /// <exception cref="CtrNotFoundException">FileNotFound.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrImage>> ImportAsync(
        string path,
        ImageImportOptions options,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(path);
        var file = InputFile.Open(path, "Create a tar of it: tar -C directory -cf image.tar .");
        await using var fileDisposal = file.ConfigureAwait(false);
        return await ImportAsync(file, path, options, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Imports the images of an archive from a stream.</summary>
    /// <param name="archive">The archive, read once from its position to its end.</param>
    /// <param name="archiveName">The name of it in errors.</param>
    /// <param name="options">The import options.</param>
    /// <param name="progress">Receives progress, frequently and on any thread; null for none.</param>
    /// <param name="cancellationToken">
    /// The token to monitor for cancellation requests. Changes are undone before the returned task completes.
    /// </param>
    /// <returns>The images, in the archive's order.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrImage>> ImportAsync(
        Stream archive,
        string archiveName,
        ImageImportOptions options,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(archive);
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            return await new ImageImporter(_namespace, ImageOrigin.Archive(archiveName), options, progress)
                .ImportAsync(archive, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new CtrFileException($"The archive '{archiveName}' cannot be read: {e.Message}", e)
            {
                ErrorId = ErrorIds.FileNotReadable,
                Subject = archiveName,
            };
        }
        catch (Exception e) when (e is not OperationCanceledException && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The import was cancelled.", e, cancellationToken);
        }
    }

    /// <summary>Resolves an image for one platform.</summary>
    /// <param name="name">Its name, in full or short.</param>
    /// <param name="platform">
    /// The platform, such as <c>linux/arm64</c>; null for the best platform that the daemon's machine can run.
    /// </param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The image.</returns>
    /// <exception cref="CtrNotFoundException">ImageNotFound.</exception>
    /// <exception cref="CtrNotFoundException">PlatformNotAvailable.</exception>
    /// <exception cref="CtrDataException">ImageIncomplete: some of its content is not in the store.</exception>
    /// <exception cref="CtrNotSupportedException">ImageNotRunnable: it is an artifact, such as a chart or a model.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<ResolvedImage> ResolveAsync(string name, string? platform = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        var host = await Records.DaemonPlatformAsync(cancellationToken).ConfigureAwait(false);
        var image = await Records.FindAsync(name, cancellationToken).ConfigureAwait(false);
        var origin = ImageOrigin.Stored(image.Name);
        var target = image.Target.ToDescriptor();
        var tree = await ImageTree.LoadAsync(_namespace.Content, target, origin, cancellationToken).ConfigureAwait(false);
        // Any client can create such a name for any image.
        if (!await ImagePin.FitsAsync(_namespace.Content, image.Name, target, cancellationToken).ConfigureAwait(false))
            throw origin.Mismatch($"its name contains a digest that is not its own ({target.Digest})");
        var wanted = platform is null ? host.Runnable() : [ImagePlatform.Parse(platform, host)];
        if (tree.ArtifactType is { Length: > 0 } artifact)
            throw ImageOrigin.NotRunnable(image.Name, artifact);
        var manifest = tree.Choose(wanted) ?? throw ImageOrigin.NoPlatform(image.Name, [wanted[0].ToString()], tree.Platforms());
        var config = await tree.ConfigAsync(manifest, cancellationToken).ConfigureAwait(false);
        return new ResolvedImage(image.Name, target, manifest, config.ToModel());
    }

    /// <summary>
    /// Unpacks the layers of an image to snapshots, unless they are unpacked (snapshots.v1 Prepare and Commit, diff.v1 Apply).
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="lease">
    /// The lease that holds the snapshots until another object refers to them; null for one that ends with this call.
    /// </param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The name of the topmost snapshot, the parent for a container's; empty for an image without layers.</returns>
    /// <exception cref="CtrDataException">ImageIncomplete, DigestMismatch, LayerNotUnpacked.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<string> UnpackAsync(
        ResolvedImage image,
        string snapshotter,
        string? lease = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(snapshotter);
        await _namespace
            .UnpackablePlatforms.RequireUnpackableAsync(image.Name, image.Manifest.Platform, snapshotter, cancellationToken)
            .ConfigureAwait(false);
        var top = ImageUnpacker.ChainId(image.Config.DiffIds);
        if (
            top.Length == 0
            || await _namespace.Snapshots.Records.FindAsync(snapshotter, top, cancellationToken).ConfigureAwait(false) is not null
        )
            return top;
        if (lease is null)
        {
            var own = await _namespace.Leases.CreateAsync(LeaseExpiry, cancellationToken: cancellationToken).ConfigureAwait(false);
            await using var ownDisposal = own.ConfigureAwait(false);
            return await UnpackAsync(image, snapshotter, own.Id, cancellationToken).ConfigureAwait(false);
        }

        var origin = ImageOrigin.Stored(image.Name);
        await (await ImageTree.LoadAsync(_namespace.Content, image.Target, origin, cancellationToken).ConfigureAwait(false))
            .RequireAsync(image.Manifest, cancellationToken)
            .ConfigureAwait(false);
        return await new ImageUnpacker(_namespace, origin)
            .UnpackAsync(image.Manifest, image.Config.DiffIds, snapshotter, lease, null, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Pulls an image: content, snapshots, and last the name. Content that a cancelled or failed pull has fetched is kept for an hour, and
    /// the next pull of the same image and platform resumes from it.
    /// </summary>
    /// <param name="name">Its name, in full or short.</param>
    /// <param name="options">The pull options.</param>
    /// <param name="progress">Receives progress, frequently and on any thread; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The image.</returns>
    /// <exception cref="CtrArgumentException">InvalidImageName, InvalidPlatform.</exception>
    /// <exception cref="CtrNotFoundException">ImageNotFoundInRegistry, ContentNotFoundInRegistry, PlatformNotAvailable.</exception>
    /// <exception cref="CtrPermissionException">AuthenticationRequired, AuthenticationFailed, RegistryAccessDenied.</exception>
    /// <exception cref="CtrConnectionException">
    /// RegistryUnreachable, RegistryCertificateInvalid, RegistryUnavailable, RegistryRateLimited, RegistryRedirectInvalid.
    /// </exception>
    /// <exception cref="CtrTimeoutException">RegistryTimedOut.</exception>
    /// <exception cref="CtrDataException">DigestMismatch, LengthMismatch, ManifestInvalid, ManifestTooLarge, LayerNotUnpacked.</exception>
    /// <exception cref="CtrNotSupportedException">ManifestSchema1, TransferNotSupported, TransferOptionNotSupported.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrImage> PullAsync(
        string name,
        ImagePullOptions options,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        return await new RegistryTransfer(_namespace).PullAsync(name, options, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Pushes an image to a registry; content that the registry already has is not sent.</summary>
    /// <param name="name">The local name, in full or short.</param>
    /// <param name="options">The push options and the destination.</param>
    /// <param name="progress">Receives progress, frequently and on any thread; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The pushed image.</returns>
    /// <exception cref="CtrNotFoundException">ImageNotFound, RepositoryNotFound, PlatformNotAvailable.</exception>
    /// <exception cref="CtrDataException">ImageIncomplete: some of the content does not exist locally; DigestMismatch.</exception>
    /// <exception cref="CtrPermissionException">AuthenticationRequired, AuthenticationFailed, RegistryAccessDenied.</exception>
    /// <exception cref="CtrConnectionException">
    /// RegistryUnreachable, RegistryCertificateInvalid, RegistryUnavailable, RegistryRateLimited, RegistryRedirectInvalid.
    /// </exception>
    /// <exception cref="CtrTimeoutException">RegistryTimedOut.</exception>
    /// <exception cref="CtrNotSupportedException">RegistryReadOnly, TransferNotSupported, TransferOptionNotSupported.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrImagePush> PushAsync(
        string name,
        ImagePushOptions options,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        return await new RegistryTransfer(_namespace).PushAsync(name, options, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Finds an image for one platform, and pulls it first if the policy requires it.</summary>
    /// <param name="name">Its name, in full or short.</param>
    /// <param name="platform">
    /// The platform, such as <c>linux/arm64</c>; null for the best platform that the daemon's machine can run.
    /// </param>
    /// <param name="snapshotter">The snapshotter that a pull unpacks to.</param>
    /// <param name="policy">The pull policy.</param>
    /// <param name="progress">Receives the progress of a pull, frequently and on any thread; null for none.</param>
    /// <param name="registry">The connection options for the registry; null for the defaults.</param>
    /// <param name="pulled">Receives the image after it was pulled; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The image.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<ResolvedImage> EnsureAsync(
        string name,
        string? platform,
        string snapshotter,
        CtrPullPolicy policy,
        IProgress<ImageProgress>? progress = null,
        RegistryOptions? registry = null,
        IProgress<CtrImage>? pulled = null,
        CancellationToken cancellationToken = default
    )
    {
        return await new RegistryTransfer(_namespace)
            .EnsureAsync(name, platform, snapshotter, policy, progress, registry, pulled, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Creates an image from a container: the layers of its image, its changes as one more layer (diff.v1 Diff), and the config of the
    /// image with changes. The new image is unpacked, so that it can be used immediately. A running task is paused while its files are
    /// copied.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="commit">The new image.</param>
    /// <param name="progress">Receives progress, frequently and on any thread; null for none.</param>
    /// <param name="cancellationToken">
    /// The token to monitor for cancellation requests. A canceled call leaves nothing behind, and the container's task continues.
    /// </param>
    /// <returns>The image.</returns>
    /// <exception cref="CtrNotFoundException">
    /// ContainerNotFound; BaseImageNotFound: no image has the layers below the container's own.
    /// </exception>
    /// <exception cref="CtrConflictException">ImageExists.</exception>
    /// <exception cref="CtrDataException">ImageIncomplete: some of the base image's layers are not in the store.</exception>
    /// <exception cref="CtrNotSupportedException">ContainerWithoutSnapshot.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrImage> CommitAsync(
        string containerId,
        ImageCommitOptions commit,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(commit);
        try
        {
            // The task is paused in the meantime, and must not stay paused.
            return await BackgroundWork
                .Track(
                    new ImageCommitter(_namespace, commit, progress).RunAsync(containerId, cancellationToken),
                    _namespace.Connection,
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The commit was cancelled.", e, cancellationToken);
        }
    }

    /// <summary>Exports images to an archive file, atomically.</summary>
    /// <param name="names">The images, in full or short.</param>
    /// <param name="path">
    /// The file; a device, a named pipe or a file with several hard links is written in place, any other file is replaced. Its extension
    /// selects the compression: .tar for none, .tar.gz or .tgz, .tar.zst or .tzst.
    /// </param>
    /// <param name="options">The export options.</param>
    /// <param name="progress">Receives progress, frequently and on any thread; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. A canceled call leaves nothing behind.</param>
    /// <returns>The content of the archive, in the order of the names.</returns>
    /// <exception cref="CtrNotFoundException">ImageNotFound, PlatformNotAvailable.</exception>
    /// <exception cref="CtrDataException">
    /// ImageIncomplete, DigestMismatch; ImageNotExportable: not a container image, in Docker's format.
    /// </exception>
    /// <exception cref="CtrNotSupportedException">FormatHoldsOnePlatform.</exception>
    /// <exception cref="CtrConflictException">FileExists.</exception>
    /// <exception cref="CtrException">FileNotWritable.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<ExportedImage>> ExportAsync(
        IEnumerable<string> names,
        string path,
        ImageExportOptions options,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(options);
        IReadOnlyList<ExportedImage> exported = [];
        await OutputFile
            .WriteAsync(
                path,
                options.NoClobber,
                async file =>
                {
                    var packed = TarPacking.Open(file, path);
                    await using var packedDisposal = packed.ConfigureAwait(false);
                    exported = await ExportAsync(names, packed, options, progress, cancellationToken).ConfigureAwait(false);
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        return exported;
    }

    /// <summary>Exports images as a tar into a stream.</summary>
    /// <param name="names">The images, in full or short.</param>
    /// <param name="target">The destination of the tar.</param>
    /// <param name="options">The export options.</param>
    /// <param name="progress">Receives progress, frequently and on any thread; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The content of the archive, in the order of the names.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<ExportedImage>> ExportAsync(
        IEnumerable<string> names,
        Stream target,
        ImageExportOptions options,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(options);
        var images = new List<(string Name, OciDescriptor Target)>();
        foreach (var name in names)
        {
            var image = await Records.FindAsync(name, cancellationToken).ConfigureAwait(false);
            if (images.TrueForAll(i => i.Name != image.Name))
                images.Add((image.Name, image.Target.ToDescriptor()));
        }

        try
        {
            return await new ImageExporter(_namespace, options, progress)
                .ExportAsync(images, target, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The export was cancelled.", e, cancellationToken);
        }
    }

    /// <summary>Fills in the config, history and layers of an image for one platform (content.v1 Read).</summary>
    /// <param name="image">The image.</param>
    /// <param name="platform">
    /// The platform, such as <c>linux/arm64</c>; null for the best platform that the daemon's machine can run, or else the first one that
    /// exists locally.
    /// </param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The same image.</returns>
    /// <exception cref="CtrNotFoundException">PlatformNotAvailable.</exception>
    /// <exception cref="CtrDataException">ImageIncomplete: the manifest or the config is not in the store.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrImage> DetailAsync(CtrImage image, string? platform = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        return await new ImageDetails(_namespace).DetailAsync(image, platform, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Tests an image: whether all its content is in the store, has the correct digests, and is unpacked (content.v1 Info and Read,
    /// snapshots.v1 Stat). Problems are part of the result, not errors.
    /// </summary>
    /// <param name="name">Its name, in full or short.</param>
    /// <param name="options">The test options.</param>
    /// <param name="progress">Receives progress, frequently and on any thread; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="CtrNotFoundException">ImageNotFound.</exception>
    /// <exception cref="CtrArgumentException">InvalidPlatform.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrImageTest> TestAsync(
        string name,
        ImageTestOptions options,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        var image = await Records.FindAsync(name, cancellationToken).ConfigureAwait(false);
        return await new ImageExaminer(_namespace, image.Name, image.Target.ToDescriptor(), options, progress)
            .RunAsync(cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Mounts the root file system of an image on a directory of this machine, visible to all processes until it is unmounted. If the image
    /// is not unpacked, it is unpacked first.
    /// </summary>
    /// <param name="name">Its name, in full or short.</param>
    /// <param name="path">The absolute path of an existing, empty directory.</param>
    /// <param name="writable">
    /// Whether it is writable: changes go to a snapshot that is removed with the mount, so that the image is not changed.
    /// </param>
    /// <param name="platform">
    /// The platform, such as <c>linux/arm64</c>; null for the best platform that the daemon's machine can run.
    /// </param>
    /// <param name="snapshotter">The snapshotter; null for the namespace's default.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. A canceled call leaves nothing behind.</param>
    /// <returns>The mount.</returns>
    /// <exception cref="CtrNotFoundException">ImageNotFound, PlatformNotAvailable, DirectoryNotFound, SnapshotterNotFound.</exception>
    /// <exception cref="CtrConflictException">DirectoryNotEmpty, DirectoryMounted.</exception>
    /// <exception cref="CtrDataException">ImageIncomplete.</exception>
    /// <exception cref="CtrPermissionException">MountNotPermitted.</exception>
    /// <exception cref="CtrNotSupportedException">
    /// DaemonNotLocal; MountNotSupported: this is not Linux, or the type of the mount is not supported here.
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrSnapshotMount> MountAsync(
        string name,
        string path,
        bool writable = false,
        string? platform = null,
        string? snapshotter = null,
        CancellationToken cancellationToken = default
    )
    {
        await _namespace.Snapshots.Mounting.RequireMountableAsync(name, path, cancellationToken).ConfigureAwait(false);
        snapshotter ??= await _namespace.Snapshots.DefaultSnapshotterAsync(cancellationToken).ConfigureAwait(false);
        var image = await ResolveAsync(name, platform, cancellationToken).ConfigureAwait(false);
        var lease = await _namespace.Leases.CreateAsync(LeaseExpiry, cancellationToken: cancellationToken).ConfigureAwait(false);
        await using var leaseDisposal = lease.ConfigureAwait(false);
        var top = await UnpackAsync(image, snapshotter, lease.Id, cancellationToken).ConfigureAwait(false);
        return await _namespace
            .Snapshots.Mounting.MountCommittedAsync(snapshotter, top, path, writable, image.Name, lease.Id, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Changes labels of an image's name (images.v1 Update); other labels are not changed.</summary>
    /// <param name="name">Its name, in full or short.</param>
    /// <param name="labels">The labels to set; an empty value removes the label.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The changed image.</returns>
    /// <exception cref="CtrNotFoundException">ImageNotFound.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrImage> UpdateLabelsAsync(
        string name,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(labels);
        var image = await Records.FindAsync(name, cancellationToken).ConfigureAwait(false);
        if (labels.Count == 0)
            return await Names.DescribeAsync(image, cancellationToken).ConfigureAwait(false);
        // The target is not changed, but containerd 2 panics if a change does not contain it.
        var change = new Image { Name = image.Name, Target = image.Target };
        foreach (var (key, value) in labels)
            change.Labels[key] = value;
        return await Names
            .DescribeAsync(await Names.UpdateAsync(change, cancellationToken, labelsOnly: true).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Adds names to an image, which refer to the same content and have the same labels (images.v1 Create or Update): all of them, or none.
    /// </summary>
    /// <param name="name">Its name, in full or short.</param>
    /// <param name="names">The additional names, in full or short.</param>
    /// <param name="force">Whether a name that refers to another image is moved.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The images of the additional names.</returns>
    /// <exception cref="CtrNotFoundException">ImageNotFound.</exception>
    /// <exception cref="CtrConflictException">ImageExists: a name refers to another image.</exception>
    /// <exception cref="CtrArgumentException">
    /// InvalidImageName; DigestConflict: a name ends with another digest than the image's.
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrImage>> TagAsync(
        string name,
        IEnumerable<string> names,
        bool force = false,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(names);
        var full = names.Select(ImageReference.Normalize).Distinct(StringComparer.Ordinal).ToList();
        var image = await Records.FindAsync(name, cancellationToken).ConfigureAwait(false);
        foreach (var tag in full)
            await Names.RequireFreeAsync(tag, image.Target.Digest, force, cancellationToken).ConfigureAwait(false);
        return await Names
            .PutAsync(full.Select(n => (n, image.Target.ToDescriptor())), new Dictionary<string, string>(image.Labels), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Removes an image's name (images.v1 Delete); the garbage collector removes content that is not needed otherwise.</summary>
    /// <param name="name">Its name, in full or short.</param>
    /// <param name="force">Whether it goes although containers were created from it.</param>
    /// <param name="synchronous">Whether to wait until the garbage collector has freed the space.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that completes when the name is removed.</returns>
    /// <exception cref="CtrNotFoundException">ImageNotFound.</exception>
    /// <exception cref="CtrConflictException">ImageInUse: containers were created from it.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task RemoveAsync(string name, bool force = false, bool synchronous = true, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        var full = await FindNameAsync(name, cancellationToken).ConfigureAwait(false);
        if (!force && await UsersAsync(full, cancellationToken).ConfigureAwait(false) is { Count: > 0 } users)
        {
            throw new CtrConflictException($"The image '{full}' is in use: containers were created from it ({string.Join(", ", users)}).")
            {
                ErrorId = ErrorIds.ImageInUse,
                Subject = full,
                Remedy =
                    "Remove the containers first, or force the removal: the containers keep their files, but they can no longer be "
                    + "committed or used as a template.",
            };
        }

        await Records
            .Stub.DeleteAsync(new DeleteImageRequest { Name = full, Sync = synchronous }, cancellationToken: cancellationToken)
            .TranslateErrors(Resource.Image, name)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Lists the images that no container uses, and those that are in use. A container uses the image that it names, every other name of
    /// the same content, and any image that has the layers below it.
    /// </summary>
    /// <param name="options">The images to examine.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The full names, in order.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    internal async Task<(IReadOnlyList<string> Unused, IReadOnlyList<string> InUse)> UnusedAsync(
        ImageCleanupOptions options,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        return await new ImageCleanup(_namespace).UnusedAsync(options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Removes images that no container uses, waits for the garbage collector, and reports the freed space (images.v1 Delete).
    /// </summary>
    /// <param name="names">Full names, from <see cref="UnusedAsync"/>; an image that is used since then is kept.</param>
    /// <param name="progress">Receives the number of removed images; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. It is checked before each name.</param>
    /// <returns>The removed images.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrImageCleanup> ClearAsync(
        IReadOnlyCollection<string> names,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(names);
        return await new ImageCleanup(_namespace).ClearAsync(names, progress, cancellationToken).ConfigureAwait(false);
    }
}
