using Containerd.Client.Storage;
using Containerd.Client.Transport;
using Containerd.Oci;
using Containerd.Oci.Images;

namespace Containerd.Client.Images;

/// <summary>The test of an image: problems are collected instead of thrown.</summary>
internal sealed class ImageExaminer(
    ImageScope ns,
    string name,
    OciDescriptor target,
    ImageTestOptions options,
    IProgress<ImageProgress>? progress
)
{
    private readonly ImageOrigin _origin = ImageOrigin.Stored(name);
    private readonly List<CtrImageProblem> _problems = [];
    private readonly HashSet<string> _examined = new(StringComparer.Ordinal);
    private long _total;
    private long _read;
    private int _unpacked;

    public async Task<CtrImageTest> RunAsync(CancellationToken cancellationToken)
    {
        var snapshotter = !options.RequireUnpacked
            ? ""
            : options.Snapshotter ?? await ns.Snapshots.DefaultSnapshotterAsync(cancellationToken).ConfigureAwait(false);
        var test = ns.Stamp(
            new CtrImageTest
            {
                Name = name,
                Digest = target.Digest,
                Snapshotter = snapshotter,
            }
        );
        if (await LoadAsync(cancellationToken).ConfigureAwait(false) is { } tree)
            test.Platforms = await ExamineAsync(tree, snapshotter, cancellationToken).ConfigureAwait(false);
        test.Problems = [.. _problems];
        test.BytesRead = _read;
        test.IsComplete = !_problems.Exists(p => p.Kind is CtrImageProblemKind.Missing or CtrImageProblemKind.PlatformNotAvailable);
        test.Passed = _problems.Count == 0;
        test.IsIntact = options.ReadContent ? !_problems.Exists(p => p.Kind == CtrImageProblemKind.Damaged) : null;
        test.IsUnpacked =
            !options.RequireUnpacked ? null
            : _problems.Exists(p => p.Kind == CtrImageProblemKind.NotUnpacked) ? false
            : _unpacked > 0 ? true
            // Content without a root file system cannot be unpacked; for unreadable content it is not known.
            : test.Passed ? null
            : false;
        return test;
    }

    private async Task<ImageTree?> LoadAsync(CancellationToken cancellationToken)
    {
        if (target.Flaw() is { } flaw)
        {
            Tell(CtrImageProblemKind.Damaged, target.Digest, null, $"{flaw}.");
            return null;
        }

        if (!MediaTypes.IsIndex(target.MediaType) && !MediaTypes.IsManifest(target.MediaType))
        {
            Tell(
                CtrImageProblemKind.Damaged,
                target.Digest,
                null,
                $"{target.Digest} has the media type '{target.MediaType}', which is not an image."
            );
            return null;
        }

        // Before its content is trusted.
        if (
            !await ExamineAsync(target, MediaTypes.IsIndex(target.MediaType) ? "the index" : "the manifest", null, cancellationToken)
                .ConfigureAwait(false)
        )
            return null;
        try
        {
            return await ImageTree
                .LoadAsync(ns.Content, target, _origin, cancellationToken, (blob, e) => Damaged(blob, null, e))
                .ConfigureAwait(false);
        }
        catch (CtrDataException e)
        {
            Damaged(target, null, e);
            return null;
        }
    }

    private async Task<string[]> ExamineAsync(ImageTree tree, string snapshotter, CancellationToken cancellationToken)
    {
        var required = await RequiredAsync(tree, cancellationToken).ConfigureAwait(false);
        // Other local content must be undamaged too, unless platforms were selected.
        var present =
            options.Platforms.Count > 0 ? [] : tree.Manifests.Where(m => m.Document is not null && !required.Contains(m)).ToList();
        _total = required
            .Concat(present)
            .Where(m => m.Document is not null)
            .SelectMany(m => m.Document!.Children())
            .DistinctBy(c => c.Digest)
            .Sum(c => c.Size);
        foreach (var (descriptor, _) in tree.Documents.Where(d => MediaTypes.IsIndex(d.Descriptor.MediaType)))
            await ExamineAsync(descriptor, "the index", null, cancellationToken).ConfigureAwait(false);
        foreach (var manifest in required)
        {
            var platform = manifest.Platform?.ToString();
            await ExamineAsync(manifest.Descriptor, "the manifest", platform, cancellationToken).ConfigureAwait(false);
            foreach (var (child, what) in Children(manifest))
                await ExamineAsync(child, what, platform, cancellationToken).ConfigureAwait(false);
            if (snapshotter.Length > 0 && manifest.Document is not null && ImageTree.IsContainerImage(manifest))
                await ExamineSnapshotAsync(tree, manifest, snapshotter, cancellationToken).ConfigureAwait(false);
        }

        foreach (var manifest in present)
        {
            foreach (var (child, what) in Children(manifest).Prepend((manifest.Descriptor, "the manifest")))
            {
                if (await ns.Content.Records.FindAsync(child.Digest, cancellationToken).ConfigureAwait(false) is not null)
                    await ExamineAsync(child, what, manifest.Platform?.ToString(), cancellationToken).ConfigureAwait(false);
            }
        }

        return [.. required.Select(m => m.Platform).Where(p => p is { IsKnown: true }).Select(p => p!.ToString()).Distinct()];
    }

    private async Task<List<ImageManifest>> RequiredAsync(ImageTree tree, CancellationToken cancellationToken)
    {
        var host = await ns.ImageRecords.DaemonPlatformAsync(cancellationToken).ConfigureAwait(false);
        if (options.AllPlatforms)
            return [.. tree.Manifests.Where(m => m.Platform is not { IsKnown: false })];
        if (options.Platforms.Count == 0)
        {
            if (tree.Choose(host.Runnable()) is { } best)
                return [best];
            // An image for other platforms is complete if all of its fetched content is.
            var here = tree.Manifests.Where(m => m.Document is not null).ToList();
            if (here.Count == 0)
                Tell(
                    CtrImageProblemKind.Missing,
                    tree.Manifests.Count > 0 ? tree.Manifests[0].Descriptor.Digest : target.Digest,
                    null,
                    "None of its manifests is in the store."
                );
            return here;
        }

        var chosen = new List<ImageManifest>();
        foreach (var platform in options.Platforms.Select(p => ImagePlatform.Parse(p, host)).Distinct())
        {
            if (tree.Choose([platform]) is { } manifest)
                chosen.Add(manifest);
            else
                Tell(
                    CtrImageProblemKind.PlatformNotAvailable,
                    "",
                    platform.ToString(),
                    $"It is not for {platform}; it has {string.Join(", ", tree.Platforms())}."
                );
        }

        return chosen;
    }

    private async Task ExamineSnapshotAsync(ImageTree tree, ImageManifest manifest, string snapshotter, CancellationToken cancellationToken)
    {
        OciConfig config;
        try
        {
            config = await tree.ConfigAsync(manifest, cancellationToken).ConfigureAwait(false);
        }
        catch (CtrDataException)
        {
            // It is already known to be missing or damaged; its references are not known.
            Tell(
                CtrImageProblemKind.NotUnpacked,
                "",
                manifest.Platform?.ToString(),
                "Without its config it is unknown whether the image is unpacked."
            );
            return;
        }

        var diffIds = config.DiffIds();
        var layers = manifest.Document!.ImageLayers(diffIds.Length).Count;
        if (diffIds.Length != layers)
        {
            Tell(
                CtrImageProblemKind.Damaged,
                manifest.Document.Config!.Digest,
                manifest.Platform?.ToString(),
                $"The manifest {manifest.Descriptor.Digest} has {layers} layers, its config {diffIds.Length}."
            );
            return;
        }

        if (
            await ns.UnpackablePlatforms.NotUnpackableAsync(manifest.Platform, snapshotter, cancellationToken).ConfigureAwait(false) is
            { } why
        )
        {
            Tell(CtrImageProblemKind.NotUnpacked, "", manifest.Platform?.ToString(), $"It is not unpacked: {why}.");
            return;
        }

        var top = ImageUnpacker.ChainId(diffIds);
        if (top.Length == 0 || await ns.Snapshots.Records.FindAsync(snapshotter, top, cancellationToken).ConfigureAwait(false) is not null)
        {
            _unpacked++;
            return;
        }

        Tell(
            CtrImageProblemKind.NotUnpacked,
            top,
            manifest.Platform?.ToString(),
            $"It is not unpacked: the snapshotter {snapshotter} has no {top}."
        );
    }

    /// <summary>Examines a blob once.</summary>
    /// <returns>Whether it exists and is undamaged, or was already examined.</returns>
    private async Task<bool> ExamineAsync(OciDescriptor blob, string what, string? platform, CancellationToken cancellationToken)
    {
        if (!_examined.Add(blob.Digest))
            return true;
        var known = _problems.Count;
        if (await ns.Content.Records.FindAsync(blob.Digest, cancellationToken).ConfigureAwait(false) is not { } info)
        {
            Tell(CtrImageProblemKind.Missing, blob.Digest, platform, $"{Upper(what)} {blob.Digest} is missing.");
        }
        else if (info.Size != blob.Size)
        {
            Tell(
                CtrImageProblemKind.Damaged,
                blob.Digest,
                platform,
                $"{Upper(what)} {blob.Digest} has {info.Size} bytes, but its descriptor specifies {blob.Size}."
            );
        }
        else if (options.ReadContent)
        {
            try
            {
                var data = new BlobStream(ns.Content, blob, _origin, Told(blob), cancellationToken);
                await using var dataDisposal = data.ConfigureAwait(false);
                await data.CopyToAsync(Stream.Null, cancellationToken).ConfigureAwait(false);
            }
            catch (CtrDataException e)
            {
                Tell(
                    e.ErrorId == ErrorIds.DigestMismatch ? CtrImageProblemKind.Damaged : CtrImageProblemKind.Missing,
                    blob.Digest,
                    platform,
                    e.ErrorId == ErrorIds.DigestMismatch
                        ? $"{Upper(what)} {blob.Digest} is damaged: the digest of its data differs."
                        : $"{Upper(what)} {blob.Digest} is missing."
                );
            }
            catch (CtrException e) when (!e.IsUnanswered())
            {
                // For example, a file of the store that the daemon cannot read.
                Tell(CtrImageProblemKind.Damaged, blob.Digest, platform, $"{Upper(what)} {blob.Digest} cannot be read: {e.Message}");
            }
        }

        return _problems.Count == known;
    }

    private Action<int> Told(OciDescriptor blob) =>
        count =>
        {
            _read += count;
            progress?.Report(new ImageProgress(ImageProgressStage.Comparing, blob.Digest, _read, Math.Max(_total, _read)));
        };

    private static IEnumerable<(OciDescriptor Blob, string What)> Children(ImageManifest manifest) =>
        (manifest.Document?.Children() ?? [])
            .Select((child, i) => (child, i == 0 ? "the config" : $"the layer {i}"))
            .Where(c => !MediaTypes.IsForeign(c.child.MediaType));

    private void Damaged(OciDescriptor blob, string? platform, CtrException e)
    {
        if (_examined.Contains(blob.Digest) && _problems.Exists(p => p.Digest == blob.Digest))
            return;
        Tell(CtrImageProblemKind.Damaged, blob.Digest, platform, $"{blob.Digest} cannot be used: {e.Message}");
    }

    private void Tell(CtrImageProblemKind kind, string digest, string? platform, string message) =>
        _problems.Add(
            new CtrImageProblem
            {
                Kind = kind,
                Digest = digest,
                Platform = platform ?? "",
                Message = message,
            }
        );

    private static string Upper(string what) => char.ToUpperInvariant(what[0]) + what[1..];
}
