using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Client.Wire.Images;
using Containerd.Oci.Images;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Containerd.Client.Images;

/// <summary>Creates, moves and describes the names of images.</summary>
internal sealed class ImageNames(ImageScope ns)
{
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
                var old = await ns.ImageRecords.TryGetAsync(name, cancellationToken).ConfigureAwait(false);
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
        using var deadline = new CancellationTokenSource(BackgroundWork.CleanUpDeadline);
        foreach (var (image, old) in Enumerable.Reverse(done))
        {
            try
            {
                if (old is null)
                    await ns
                        .ImageRecords.Stub.DeleteAsync(new DeleteImageRequest { Name = image.Name }, cancellationToken: deadline.Token)
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
                await ns
                    .ImageRecords.Stub.CreateAsync(new CreateImageRequest { Image = image }, cancellationToken: cancellationToken)
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

    /// <summary>Changes what a name leads to and its labels (images.v1 Update).</summary>
    internal async Task<Image> UpdateAsync(Image image, CancellationToken cancellationToken, bool labelsOnly = false)
    {
        var request = new UpdateImageRequest
        {
            Image = image,
            UpdateMask = new FieldMask { Paths = { image.Labels.Keys.Select(k => "labels." + k) } },
        };
        if (!labelsOnly)
            request.UpdateMask.Paths.Add("target");
        return (
            await ns
                .ImageRecords.Stub.UpdateAsync(request, cancellationToken: cancellationToken)
                .TranslateErrors(Resource.Image, image.Name)
                .ConfigureAwait(false)
        ).Image;
    }

    /// <summary>An image as an object of this session.</summary>
    internal async Task<CtrImage> DescribeAsync(Image image, CancellationToken cancellationToken)
    {
        var model = ns.Stamp(
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
                .LoadAsync(ns.Content, image.Target.ToDescriptor(), ImageOrigin.Stored(image.Name), cancellationToken)
                .ConfigureAwait(false);
            var host = await ns.ImageRecords.DaemonPlatformAsync(cancellationToken).ConfigureAwait(false);
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

    /// <summary>Rejects a name with the digest of another image.</summary>
    /// <exception cref="CtrArgumentException">DigestConflict.</exception>
    private async Task RequirePinAsync(string name, OciDescriptor target, CancellationToken cancellationToken)
    {
        if (await ImagePin.FitsAsync(ns.Content, name, target, cancellationToken).ConfigureAwait(false))
            return;
        throw new CtrArgumentException($"'{name}' contains a digest that is not the image's ({target.Digest}).")
        {
            ErrorId = ErrorIds.DigestConflict,
            Subject = name,
            Remedy = "Use a tag instead of the digest.",
        };
    }

    /// <summary>Verifies that a name does not exist, already refers to the digest, or may be moved.</summary>
    internal async Task RequireFreeAsync(string name, string? digest, bool force, CancellationToken cancellationToken)
    {
        if (digest is not null)
            await RequirePinAsync(name, new OciDescriptor { Digest = digest }, cancellationToken).ConfigureAwait(false);

        if (
            force
            || await ns.ImageRecords.TryGetAsync(name, cancellationToken).ConfigureAwait(false) is not { } there
            || there.Target.Digest == digest
        )
            return;
        throw new CtrConflictException($"Another image '{name}' already exists ({there.Target.Digest}).")
        {
            ErrorId = ErrorIds.ImageExists,
            Subject = name,
            Remedy = "Choose another name, or overwrite the existing name.",
        };
    }
}
