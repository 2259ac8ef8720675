using Containerd.Client.Images;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Client.Wire.Images;
using Containerd.Host;
using Containerd.Host.Errors;
using Containerd.Oci;
using Containerd.Oci.Images;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Containerd.Client;

/// <summary>The images of a namespace: their names and targets.</summary>
public sealed partial class ImageStore
{
    private static readonly TimeSpan LeaseExpiry = TimeSpan.FromHours(1);
    private readonly ImageScope _namespace;

    internal ImageStore(ImageScope ns) => _namespace = ns;

    private ImageRecords Records => _namespace.ImageRecords;

    private Wire.Images.Images.ImagesClient Stub => Records.Stub;

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
                images.Add(await DescribeAsync(image, cancellationToken).ConfigureAwait(false));
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
        await DescribeAsync(await Records.FindAsync(name, cancellationToken).ConfigureAwait(false), cancellationToken)
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
            .About(Resource.Container)
            .ConfigureAwait(false);
        return [.. answer.Containers.Select(c => c.Id).Order(StringComparer.Ordinal)];
    }

    /// <summary>Imports the images of an archive file: all of them, or, on any error, nothing.</summary>
    /// <param name="path">The file: an OCI layout or a Docker archive as a tar, plain or compressed with gzip or zstd.</param>
    /// <param name="options">The import options.</param>
    /// <param name="progress">Receives progress, frequently and on any thread; null for none.</param>
    /// <param name="cancellationToken">Gives up; what was begun is taken back before the task ends.</param>
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
        var file = InputFile.Open(path, "Make a tar of it: tar -C directory -cf image.tar .");
        await using var fileDisposal = file.ConfigureAwait(false);
        return await ImportAsync(file, path, options, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Imports the images of an archive from a stream.</summary>
    /// <param name="archive">The archive, read once from its position to its end.</param>
    /// <param name="archiveName">The name of it in errors.</param>
    /// <param name="options">The import options.</param>
    /// <param name="progress">Receives progress, frequently and on any thread; null for none.</param>
    /// <param name="cancellationToken">Gives up; what was begun is taken back before the task ends.</param>
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
                ErrorId = "FileNotReadable",
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
        await RequireUnpackableAsync(image.Name, image.Manifest.Platform, snapshotter, cancellationToken).ConfigureAwait(false);
        var top = ImageUnpacker.ChainId(image.Config.DiffIds);
        if (top.Length == 0 || await _namespace.Snapshots.StatAsync(snapshotter, top, cancellationToken).ConfigureAwait(false) is not null)
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

    /// <summary>Creates or moves several names: all of them, or none.</summary>
    internal async Task<IReadOnlyList<CtrImage>> PutAsync(
        IEnumerable<(string Name, OciDescriptor Target)> images,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellationToken
    )
    {
        var done = new List<(Image New, Image? Old)>();
        try
        {
            foreach (var (name, target) in images)
            {
                await RequirePinAsync(name, target, cancellationToken).ConfigureAwait(false);
                var image = new Image { Name = name, Target = target.ToWire() };
                foreach (var (key, value) in labels)
                    image.Labels[key] = value;
                var old = await Records.TryGetAsync(name, cancellationToken).ConfigureAwait(false);
                done.Add((image, old));
                done[^1] = (
                    old is null
                        ? await CreateAsync(image, cancellationToken).ConfigureAwait(false)
                        : await UpdateAsync(image, cancellationToken).ConfigureAwait(false),
                    old
                );
            }

            var models = new List<CtrImage>();
            foreach (var (image, _) in done)
                models.Add(await DescribeAsync(image, cancellationToken).ConfigureAwait(false));
            return models;
        }
        catch
        {
            await UndoAsync(done).ConfigureAwait(false);
            throw;
        }
    }

    private async Task UndoAsync(List<(Image New, Image? Old)> done)
    {
        using var deadline = new CancellationTokenSource(UnfinishedWork.CleanUpDeadline);
        foreach (var (image, old) in Enumerable.Reverse(done))
        {
            try
            {
                if (old is null)
                    await Stub.DeleteAsync(new DeleteImageRequest { Name = image.Name }, cancellationToken: deadline.Token)
                        .ResponseAsync.ConfigureAwait(false);
                else
                    await UpdateAsync(old, deadline.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is RpcException or CtrException or OperationCanceledException)
            {
                // The original error is more informative than one about the clean-up.
            }
        }
    }

    private async Task<Image> CreateAsync(Image image, CancellationToken cancellationToken)
    {
        try
        {
            return (
                await Stub.CreateAsync(new CreateImageRequest { Image = image }, cancellationToken: cancellationToken)
                    .ResponseAsync.ConfigureAwait(false)
            ).Image;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.AlreadyExists)
        {
            return await UpdateAsync(image, cancellationToken).ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            throw RpcErrors.Translate(e, Resource.Image, image.Name);
        }
    }

    private async Task<Image> UpdateAsync(Image image, CancellationToken cancellationToken, bool labelsOnly = false)
    {
        var request = new UpdateImageRequest
        {
            Image = image,
            UpdateMask = new FieldMask { Paths = { image.Labels.Keys.Select(k => "labels." + k) } },
        };
        if (!labelsOnly)
            request.UpdateMask.Paths.Add("target");
        return (
            await Stub.UpdateAsync(request, cancellationToken: cancellationToken).About(Resource.Image, image.Name).ConfigureAwait(false)
        ).Image;
    }

    private async Task<CtrImage> DescribeAsync(Image image, CancellationToken cancellationToken)
    {
        var model = _namespace.Own(
            new CtrImage
            {
                Name = image.Name,
                Digest = image.Target.Digest,
                MediaType = image.Target.MediaType,
                CreatedAt = image.CreatedAt.Local() ?? default,
                UpdatedAt = image.UpdatedAt.Local() ?? default,
                Labels = new CtrMap(image.Labels),
            }
        );
        try
        {
            var tree = await ImageTree
                .LoadAsync(_namespace.Content, image.Target.ToDescriptor(), ImageOrigin.Stored(image.Name), cancellationToken)
                .ConfigureAwait(false);
            var host = await Records.DaemonPlatformAsync(cancellationToken).ConfigureAwait(false);
            model.Platforms = [.. tree.Platforms()];
            model.ArtifactType = tree.ArtifactType;
            model.Size = (tree.Choose(host.Runnable()) ?? tree.Manifests.FirstOrDefault(m => m.Document is not null))?.Size;
        }
        catch (CtrDataException)
        {
            // An incomplete image can still be listed and removed.
        }

        return model;
    }
}
