using System.Globalization;

namespace Containerd.Client;

/// <summary>One import: an archive's blobs, then its images' labels and snapshots, and last the names, or nothing at all.</summary>
internal sealed class ImageImporter(NamespaceClient ns, ImageOrigin origin, ImageImportOptions options, IProgress<ImageProgress>? progress)
{
    private static readonly TimeSpan LeaseExpiry = TimeSpan.FromHours(1);

    public async Task<IReadOnlyList<CtrImage>> ImportAsync(Stream file, CancellationToken cancellationToken)
    {
        var host = await ns.Images.DaemonPlatformAsync(cancellationToken);
        var chosen = options.Platforms.Select(p => ImagePlatform.Parse(p, host)).ToList();
        await using var lease = await ns.Leases.CreateAsync(LeaseExpiry, cancellationToken: cancellationToken);
        var total = file.CanSeek ? file.Length : 0;
        var archive = await ImageArchive.ReadAsync(
            file, ns.Content, origin, lease.Id, (item, done) => progress?.Report(new ImageProgress(ImageProgressStage.Reading, item, done, total)), cancellationToken);
        var images = Name(await archive.ImagesAsync(cancellationToken));

        var snapshotter = options.Snapshotter ?? await ns.Snapshots.DefaultSnapshotterAsync(cancellationToken);
        var unpacker = new ImageUnpacker(ns, origin);
        foreach (var group in images.GroupBy(i => (i.Target.Digest, i.Target.MediaType, i.Target.Size)))
        {
            var (name, target) = group.First();
            var tree = await ImageTree.LoadAsync(ns.Content, target, origin, cancellationToken);
            await LabelAsync(tree, chosen, cancellationToken);
            foreach (var manifest in Select(tree, name, host, chosen))
            {
                await tree.RequireAsync(manifest, cancellationToken);
                if (!options.Unpack) continue;
                var config = await tree.ConfigAsync(manifest, cancellationToken);
                await unpacker.UnpackAsync(manifest, config.DiffIds(), snapshotter, lease.Id, progress, cancellationToken);
            }
        }

        return await ns.Images.PutAsync(images, options.Labels, cancellationToken);
    }

    // The manifests that must be complete, and that are unpacked.
    private IEnumerable<ImageManifest> Select(ImageTree tree, string name, ImagePlatform host, List<ImagePlatform> chosen)
    {
        if (options.AllPlatforms) return tree.Manifests.Where(m => m.Platform is not { IsKnown: false });
        if (chosen.Count > 0) return chosen.Select(p => tree.Choose([p]) ?? throw ImageOrigin.NoPlatform(name, [p.ToString()], tree.Platforms()));
        if (tree.Choose(host.Runnable()) is { Document: not null } best) return [best];
        return options.Unpack ? throw ImageOrigin.NoPlatform(name, [host.ToString()], tree.Platforms(stored: true)) : [];
    }

    // What the garbage collector follows from the image's name to all its content.
    private async Task LabelAsync(ImageTree tree, List<ImagePlatform> chosen, CancellationToken cancellationToken)
    {
        foreach (var (descriptor, document) in tree.Documents)
        {
            var children = document.Children().Where(c => chosen.Count == 0 || c.Platform is null || chosen.Contains(c.Platform.Canonical()));
            var info = await ns.Content.InfoAsync(descriptor.Digest, cancellationToken);
            await ns.Content.UpdateLabelsAsync(descriptor.Digest, GcLabels(children, info?.Labels ?? new Dictionary<string, string>()), cancellationToken);
        }
    }

    /// <summary>The labels to set, numbered as containerd's own client does, but never over one that keeps something else.</summary>
    internal static Dictionary<string, string> GcLabels(IEnumerable<OciDescriptor> children, IReadOnlyDictionary<string, string> existing)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        var displaced = new List<(string Stem, string Digest)>();
        foreach (var child in children)
        {
            var stem = MediaTypes.GcLabel(child.MediaType);
            var number = counts.GetValueOrDefault(stem);
            counts[stem] = number + 1;
            var key = number > 0 || stem.EndsWith('.') ? stem + number.ToString(CultureInfo.InvariantCulture) : stem;
            if (!existing.TryGetValue(key, out var kept)) labels[key] = child.Digest;
            else if (kept != child.Digest && !existing.Values.Contains(child.Digest)) displaced.Add((stem, child.Digest));
        }

        foreach (var (stem, digest) in displaced)
        {
            var number = counts[stem];
            while (existing.ContainsKey(stem + number) || labels.ContainsKey(stem + number)) number++;
            labels[stem + number] = digest;
        }

        return labels;
    }

    private List<(string Name, OciDescriptor Target)> Name(IReadOnlyList<ArchiveImage> found)
    {
        var given = options.Name is null ? null : ImageReference.Normalize(options.Name);
        var repository = given is null
            ? "import-" + DateTime.Now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
            : given[..^(ImageReference.ObjectOf(given).Length + (given.Contains('@', StringComparison.Ordinal) ? 0 : 1))];
        var nameless = found.Count(i => i.Name is null or { Length: 0 });
        var images = new List<(string Name, OciDescriptor Target)>();
        foreach (var image in found)
        {
            var name = image.Name switch
            {
                { Length: > 0 } full when full.AsSpan().ContainsAny('/', ':', '@') => full,
                { Length: > 0 } when given is not null && found.Count == 1 && HasTag(options.Name!) => given,
                { Length: > 0 } tag => repository + ":" + tag,
                _ when given is null => throw new CtrDataException($"The archive '{origin.Subject}' holds an image ({image.Target.Digest}) without a name.")
                {
                    ErrorId = "ImageNameMissing",
                    Subject = origin.Subject,
                    Remedy = "Give it one with -Name.",
                },
                _ when nameless == 1 => given,
                _ => repository + "@" + image.Target.Digest,
            };
            images.Add((name, image.Target));
        }

        return images;
    }

    private static bool HasTag(string name) => name.AsSpan(name.LastIndexOf('/') + 1).ContainsAny(':', '@');
}
