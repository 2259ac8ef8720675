using System.Globalization;
using Containerd.Client.Workloads.Stats;
using Containerd.Oci;
using Containerd.Oci.Images;

namespace Containerd.Client.Images;

/// <summary>
/// An import: the blobs of an archive, then the labels and snapshots of its images, and last the names; or nothing after a failure.
/// </summary>
internal sealed class ImageImporter(ImageScope ns, ImageOrigin origin, ImageImportOptions options, IProgress<ImageProgress>? progress)
{
    private static readonly TimeSpan LeaseExpiry = TimeSpan.FromHours(1);

    public async Task<IReadOnlyList<CtrImage>> ImportAsync(Stream file, CancellationToken cancellationToken)
    {
        var host = await ns.ImageRecords.DaemonPlatformAsync(cancellationToken).ConfigureAwait(false);
        var chosen = options.Platforms.Select(p => ImagePlatform.Parse(p, host)).ToList();
        var lease = await ns.Leases.CreateAsync(LeaseExpiry, cancellationToken: cancellationToken).ConfigureAwait(false);
        await using var leaseDisposal = lease.ConfigureAwait(false);
        var total = file.CanSeek ? file.Length : 0;
        var archive = await ImageArchive
            .ReadAsync(
                file,
                ns.Content,
                origin,
                lease.Id,
                (item, done) => progress?.Report(new ImageProgress(ImageProgressStage.Reading, item, done, total)),
                cancellationToken
            )
            .ConfigureAwait(false);
        var images = await FlatIndex
            .JoinAsync(
                ns.Content,
                Name(Usable(await archive.ImagesAsync(cancellationToken).ConfigureAwait(false))),
                origin,
                lease.Id,
                cancellationToken
            )
            .ConfigureAwait(false);
        foreach (var (name, target) in images)
        {
            if (!await ImagePin.FitsAsync(ns.Content, name, target, cancellationToken).ConfigureAwait(false))
                throw origin.Mismatch($"it calls the image {target.Digest} '{name}', which contains another digest");
        }

        var snapshotter = options.Snapshotter ?? await ns.Snapshots.DefaultSnapshotterAsync(cancellationToken).ConfigureAwait(false);
        var unpacker = new ImageUnpacker(ns, origin);
        foreach (var group in images.GroupBy(i => (i.Target.Digest, i.Target.MediaType, i.Target.Size)))
        {
            var (name, target) = group.First();
            var tree = await ImageTree.LoadAsync(ns.Content, target, origin, cancellationToken).ConfigureAwait(false);
            await LabelAsync(tree, chosen, cancellationToken).ConfigureAwait(false);
            var selected = tree.Select(name, host, chosen, options.AllPlatforms, optional: !options.Unpack).ToList();
            foreach (var manifest in selected)
                await tree.RequireAsync(manifest, cancellationToken).ConfigureAwait(false);
            foreach (
                var manifest in await ns
                    .UnpackablePlatforms.UnpackableAsync(
                        name,
                        options.Unpack ? [.. selected.Where(ImageTree.IsContainerImage)] : [],
                        snapshotter,
                        options.Warn,
                        cancellationToken
                    )
                    .ConfigureAwait(false)
            )
            {
                var config = await tree.ConfigAsync(manifest, cancellationToken).ConfigureAwait(false);
                await unpacker
                    .UnpackAsync(manifest, config.DiffIds(), snapshotter, lease.Id, progress, cancellationToken)
                    .ConfigureAwait(false);
            }
        }

        return await ns.ImageNames.PutAsync(images, options.Labels, cancellationToken).ConfigureAwait(false);
    }

    // An index.json may list other content besides images. With the name of an image, it is an error.
    private List<ArchiveImage> Usable(IReadOnlyList<ArchiveImage> found)
    {
        var usable = found
            .Where(i => i.Name is { Length: > 0 } || MediaTypes.IsIndex(i.Target.MediaType) || MediaTypes.IsManifest(i.Target.MediaType))
            .ToList();
        if (usable.Count == 0)
            return [.. found];
        foreach (var other in found.Except(usable))
            options.Warn?.Invoke(
                $"'{origin.Subject}' lists content of the type '{other.Target.MediaType}' ({other.Target.Digest}), which is not an "
                    + "image and was not imported."
            );
        return usable;
    }

    // The references from the image's name to all its content, for the garbage collector.
    private async Task LabelAsync(ImageTree tree, List<ImagePlatform> chosen, CancellationToken cancellationToken)
    {
        foreach (var (descriptor, document) in tree.Documents)
        {
            var children = document
                .Children()
                .Where(c => chosen.Count == 0 || c.Platform is null || chosen.Contains(c.Platform.Canonical()));
            var info = await ns.Content.Records.FindAsync(descriptor.Digest, cancellationToken).ConfigureAwait(false);
            await ns
                .Content.UpdateLabelsAsync(
                    descriptor.Digest,
                    ImageLabels.Children(children, info?.Labels ?? new Dictionary<string, string>()),
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
    }

    private List<(string Name, OciDescriptor Target)> Name(List<ArchiveImage> found)
    {
        var given = options.Name is null ? null : ImageReference.Normalize(options.Name);
        var repository = given is null
            ? "import-" + DateTime.Now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
            : given[..^(ImageReference.ObjectOf(given).Length + (given.Contains('@', StringComparison.Ordinal) ? 0 : 1))];
        var nameless = found.Count(i => i.Name is null or { Length: 0 });
        var images = new List<(string Name, OciDescriptor Target)>();
        // Several names of one image are replaced by the specified one.
        if (given is not null && found.Count > 0 && found.All(i => IsFull(i.Name)))
        {
            if (found.DistinctBy(i => i.Target.Digest).Count() == 1)
                return [(given, found[0].Target)];
            var names = found.Select(i => i.Name).Distinct().ToList();
            // The platforms of one image, listed flat.
            if (names.Count == 1)
                return [.. found.Select(i => (given, i.Target))];
            throw new CtrDataException(
                $"The archive '{origin.Subject}' holds several images ({string.Join(", ", names)}), which cannot all be named "
                    + $"'{options.Name}'."
            )
            {
                ErrorId = ErrorIds.SeveralImages,
                Subject = origin.Subject,
                RemedyId = "ImportWithoutName",
                Remedy = "Import it without a name, and then give the images other names.",
            };
        }

        foreach (var image in found)
        {
            var name = image.Name switch
            {
                { Length: > 0 } full when IsFull(full) => full,
                { Length: > 0 } when given is not null && found.Count == 1 && HasTag(options.Name!) => given,
                { Length: > 0 } tag => repository + ":" + tag,
                _ when given is null => throw new CtrDataException(
                    $"The archive '{origin.Subject}' contains an image ({image.Target.Digest}) without a name."
                )
                {
                    ErrorId = ErrorIds.ImageNameMissing,
                    Subject = origin.Subject,
                    Remedy = "Give the image a name.",
                },
                _ when nameless == 1 => given,
                _ => repository + "@" + image.Target.Digest,
            };
            // It is untrusted, and will be displayed, typed and completed.
            if (!ImageReference.IsValid(name))
            {
                name =
                    given is not null && found.Count == 1
                        ? given
                        : throw new CtrDataException(
                            $"The archive '{origin.Subject}' contains the image name '{name}', which is not valid."
                        )
                        {
                            ErrorId = ErrorIds.InvalidImageName,
                            Subject = origin.Subject,
                            RemedyId = found.Count == 1 ? "ImportWithName" : null,
                            Remedy =
                                found.Count == 1
                                    ? "Import it under another name."
                                    : "Request an archive with valid names, such as 'registry.example.com/team/app:2'.",
                        };
            }

            images.Add((name, image.Target));
        }

        return images;
    }

    private static bool IsFull(string? name) => name.AsSpan().ContainsAny('/', ':', '@');

    private static bool HasTag(string name) => name.AsSpan(name.LastIndexOf('/') + 1).ContainsAny(':', '@');
}
