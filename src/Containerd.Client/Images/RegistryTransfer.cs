using Containerd.Client.Records;
using Containerd.Oci;
using Containerd.Oci.Images;
using Containerd.Oci.Registry;

namespace Containerd.Client.Images;

/// <summary>Pulls images from registries and pushes them there, by this client or by the daemon.</summary>
internal sealed class RegistryTransfer(ImageScope ns)
{
    /// <inheritdoc cref="ImageStore.PullAsync"/>
    internal async Task<CtrImage> PullAsync(
        string name,
        ImagePullOptions options,
        IProgress<ImageProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var full = ImageReference.Normalize(name);
        try
        {
            if (options.Method == CtrTransferMethod.Daemon)
                return await new DaemonImageTransfer(ns).PullAsync(full, options, progress, cancellationToken).ConfigureAwait(false);
            using var registry = new RegistryRepository(RegistryReference.Parse(full), options.Registry);
            return await new ImagePuller(ns, full, registry, options, progress).PullAsync(cancellationToken).ConfigureAwait(false);
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

    /// <inheritdoc cref="ImageStore.PushAsync"/>
    internal async Task<CtrImagePush> PushAsync(
        string name,
        ImagePushOptions options,
        IProgress<ImageProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var image = await ns.ImageRecords.FindAsync(name, cancellationToken).ConfigureAwait(false);
        var destination = RegistryReference.Parse(ImageReference.Normalize(options.Destination ?? image.Name));
        try
        {
            if (options.Method == CtrTransferMethod.Daemon)
                return await new DaemonImageTransfer(ns)
                    .PushAsync(image.Name, image.Target.ToDescriptor(), destination, options, progress, cancellationToken)
                    .ConfigureAwait(false);
            using var registry = new RegistryRepository(destination, options.Registry);
            return await new ImagePusher(ns, image.Name, image.Target.ToDescriptor(), registry, options, progress)
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

    /// <inheritdoc cref="ImageStore.EnsureAsync"/>
    internal async Task<ResolvedImage> EnsureAsync(
        string name,
        string? platform,
        string snapshotter,
        CtrPullPolicy policy,
        IProgress<ImageProgress>? progress,
        RegistryOptions? registry,
        IProgress<CtrImage>? pulled,
        CancellationToken cancellationToken
    )
    {
        // Before fetching content that could not be used.
        if (platform is not null)
            await ns
                .UnpackablePlatforms.RequireUnpackableAsync(
                    name,
                    ImagePlatform.Parse(platform, await ns.ImageRecords.DaemonPlatformAsync(cancellationToken).ConfigureAwait(false)),
                    snapshotter,
                    cancellationToken
                )
                .ConfigureAwait(false);
        if (policy != CtrPullPolicy.Always)
        {
            try
            {
                var image = await ns.Images.ResolveAsync(name, platform, cancellationToken).ConfigureAwait(false);
                if (policy == CtrPullPolicy.Missing)
                    await RequireAsync(image, snapshotter, cancellationToken).ConfigureAwait(false);
                return image;
            }
            catch (CtrException e)
                when (policy == CtrPullPolicy.Missing && e.ErrorId is ErrorIds.ImageNotFound or ErrorIds.ImageIncomplete && IsPullable(name)
                ) { }
        }

        var options = new ImagePullOptions
        {
            Platforms = platform is null ? [] : [platform],
            Snapshotter = snapshotter,
            Registry = registry ?? new RegistryOptions(),
        };
        var fetched = await PullAsync(name, options, progress, cancellationToken).ConfigureAwait(false);
        pulled?.Report(fetched);
        return await ns.Images.ResolveAsync(ImageReference.Normalize(name), platform, cancellationToken).ConfigureAwait(false);
    }

    // Only the caller and the closing of the session cancel its calls.
    private CtrConnectionException SessionClosed(Exception cause) =>
        new($"The session '{ns.Session}' was closed during the pull.", cause)
        {
            ErrorId = ErrorIds.SessionClosed,
            Subject = ns.Session.Name,
            RemedyId = "ResumePull",
            Remedy = "Open a new session; the next pull resumes where this one stopped.",
        };

    // If it is already unpacked, the layers are not needed.
    private async Task RequireAsync(ResolvedImage image, string snapshotter, CancellationToken cancellationToken)
    {
        var top = ImageUnpacker.ChainId(image.Config.DiffIds);
        if (top.Length == 0 || await ns.Snapshots.Records.FindAsync(snapshotter, top, cancellationToken).ConfigureAwait(false) is not null)
            return;
        await (await ImageTree.LoadAsync(ns.Content, image.Target, ImageOrigin.Stored(image.Name), cancellationToken).ConfigureAwait(false))
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
