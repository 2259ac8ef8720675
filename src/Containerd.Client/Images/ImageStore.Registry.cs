using Containerd.Client.Images;
using Containerd.Client.Records;
using Containerd.Host.Errors;
using Containerd.Oci;
using Containerd.Oci.Images;
using Containerd.Oci.Registry;

namespace Containerd.Client;

/// <content>Transfers of images from and to registries.</content>
public sealed partial class ImageStore
{
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
        var full = ImageReference.Normalize(name);
        try
        {
            if (options.Method == CtrTransferMethod.Daemon)
                return await PullByDaemonAsync(full, options, progress, cancellationToken).ConfigureAwait(false);
            using var registry = new RegistryRepository(RegistryReference.Parse(full), options.Registry);
            return await new ImagePuller(_namespace, full, registry, options, progress).PullAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The pull was cancelled.", e, cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException && !cancellationToken.IsCancellationRequested)
        {
            throw SessionClosed(e);
        }
        finally
        {
            progress?.Report(new ImageProgress(ImageProgressStage.Ended, name, 0, 0));
        }
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
        var image = await Records.FindAsync(name, cancellationToken).ConfigureAwait(false);
        var destination = RegistryReference.Parse(ImageReference.Normalize(options.Destination ?? image.Name));
        try
        {
            if (options.Method == CtrTransferMethod.Daemon)
                return await PushByDaemonAsync(image.Name, image.Target.ToDescriptor(), destination, options, progress, cancellationToken)
                    .ConfigureAwait(false);
            using var registry = new RegistryRepository(destination, options.Registry);
            return await new ImagePusher(_namespace, image.Name, image.Target.ToDescriptor(), registry, options, progress)
                .PushAsync(cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The push was cancelled.", e, cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException && !cancellationToken.IsCancellationRequested)
        {
            throw SessionClosed(e);
        }
        finally
        {
            progress?.Report(new ImageProgress(ImageProgressStage.Ended, name, 0, 0));
        }
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
        // Before fetching content that could not be used.
        if (platform is not null)
            await RequireUnpackableAsync(
                    name,
                    ImagePlatform.Parse(platform, await Records.DaemonPlatformAsync(cancellationToken).ConfigureAwait(false)),
                    snapshotter,
                    cancellationToken
                )
                .ConfigureAwait(false);
        if (policy != CtrPullPolicy.Always)
        {
            try
            {
                var image = await ResolveAsync(name, platform, cancellationToken).ConfigureAwait(false);
                if (policy == CtrPullPolicy.Missing)
                    await RequireAsync(image, snapshotter, cancellationToken).ConfigureAwait(false);
                return image;
            }
            catch (CtrException e)
                when (policy == CtrPullPolicy.Missing && e.ErrorId is "ImageNotFound" or "ImageIncomplete" && IsPullable(name)) { }
        }

        var options = new ImagePullOptions
        {
            Platforms = platform is null ? [] : [platform],
            Snapshotter = snapshotter,
            Registry = registry ?? new RegistryOptions(),
        };
        var fetched = await PullAsync(name, options, progress, cancellationToken).ConfigureAwait(false);
        pulled?.Report(fetched);
        return await ResolveAsync(ImageReference.Normalize(name), platform, cancellationToken).ConfigureAwait(false);
    }

    // The daemon unpacks only what its configuration specifies, and silently skips the rest: so the client unpacks.
    private async Task<CtrImage> PullByDaemonAsync(
        string name,
        ImagePullOptions options,
        IProgress<ImageProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var host = await Records.DaemonPlatformAsync(cancellationToken).ConfigureAwait(false);
        var chosen = options.Platforms.Select(p => ImagePlatform.Parse(p, host)).Distinct().ToList();
        DaemonTransfer.RequireStoredDigest(RegistryReference.Parse(name));
        if (options.Parallel != new ImagePullOptions().Parallel)
            throw DaemonTransfer.NotExpressible(name, "a number of parallel layers", "ParallelLayers");
        List<ImagePlatform> asked =
            options.AllPlatforms ? []
            : chosen.Count > 0 ? chosen
            : [host];
        var lease = await _namespace.Leases.CreateAsync(LeaseExpiry, cancellationToken: cancellationToken).ConfigureAwait(false);
        await using var leaseDisposal = lease.ConfigureAwait(false);
        await new DaemonTransfer(_namespace, RegistryReference.Parse(name), options.Registry, progress)
            .PullAsync(name, asked, options.Labels, cancellationToken)
            .ConfigureAwait(false);
        var origin = ImageOrigin.Registry(name);
        var image = await Records.FindAsync(name, cancellationToken).ConfigureAwait(false);
        var tree = await ImageTree
            .LoadAsync(_namespace.Content, image.Target.ToDescriptor(), origin, cancellationToken)
            .ConfigureAwait(false);
        var unpacker = new ImageUnpacker(_namespace, origin);
        var snapshotter = options.Snapshotter
            ?? await _namespace.Snapshots.DefaultSnapshotterAsync(cancellationToken).ConfigureAwait(false);
        var selected = tree.Select(name, host, chosen, options.AllPlatforms, optional: false).ToList();
        foreach (var manifest in selected)
            await tree.RequireAsync(manifest, cancellationToken).ConfigureAwait(false);
        var containers = options.Unpack ? selected.Where(ImageTree.IsContainerImage).ToList() : [];
        foreach (
            var manifest in await UnpackableAsync(name, containers, snapshotter, options.Warn, cancellationToken).ConfigureAwait(false)
        )
        {
            await unpacker
                .UnpackAsync(
                    manifest,
                    (await tree.ConfigAsync(manifest, cancellationToken).ConfigureAwait(false)).DiffIds(),
                    snapshotter,
                    lease.Id,
                    progress,
                    cancellationToken
                )
                .ConfigureAwait(false);
        }

        return await DescribeAsync(image, cancellationToken).ConfigureAwait(false);
    }

    private async Task<CtrImagePush> PushByDaemonAsync(
        string name,
        OciDescriptor target,
        RegistryReference destination,
        ImagePushOptions options,
        IProgress<ImageProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        DaemonTransfer.RequireStoredDigest(destination);
        if (options.Platforms.Count > 0)
            throw DaemonTransfer.NotExpressible(name, "selected platforms of an image", "Platform");
        if (options.Parallel != new ImagePushOptions().Parallel)
            throw DaemonTransfer.NotExpressible(name, "a number of parallel layers", "ParallelLayers");
        var tree = await ImageTree.LoadAsync(_namespace.Content, target, ImageOrigin.Stored(name), cancellationToken).ConfigureAwait(false);
        foreach (var manifest in tree.Manifests)
            await tree.RequireAsync(manifest, cancellationToken).ConfigureAwait(false);
        await new DaemonTransfer(_namespace, destination, options.Registry, progress)
            .PushAsync(name, cancellationToken)
            .ConfigureAwait(false);
        return _namespace.Own(
            new CtrImagePush
            {
                Name = name,
                Destination = destination.ToString(),
                Digest = target.Digest,
                MediaType = target.MediaType,
                Platforms = [.. tree.Platforms()],
            }
        );
    }

    // Only the caller and the closing of the session cancel its calls.
    private CtrConnectionException SessionClosed(Exception cause) =>
        new($"The session '{_namespace.Session}' was closed during the pull.", cause)
        {
            ErrorId = "SessionClosed",
            Subject = _namespace.Session.Name,
            RemedyId = "ResumePull",
            Remedy = "Open a new session; the next pull resumes where this one stopped.",
        };

    // If it is already unpacked, the layers are not needed.
    private async Task RequireAsync(ResolvedImage image, string snapshotter, CancellationToken cancellationToken)
    {
        var top = ImageUnpacker.ChainId(image.Config.DiffIds);
        if (top.Length == 0 || await _namespace.Snapshots.StatAsync(snapshotter, top, cancellationToken).ConfigureAwait(false) is not null)
            return;
        await (
            await ImageTree
                .LoadAsync(_namespace.Content, image.Target, ImageOrigin.Stored(image.Name), cancellationToken)
                .ConfigureAwait(false)
        )
            .RequireAsync(image.Manifest, cancellationToken)
            .ConfigureAwait(false);
    }

    private static bool IsPullable(string name)
    {
        try
        {
            ImageReference.Normalize(name);
            return true;
        }
        catch (CtrArgumentException)
        {
            return false;
        }
    }
}
