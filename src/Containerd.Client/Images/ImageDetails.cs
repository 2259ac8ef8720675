using Containerd.Client.Records;
using Containerd.Oci.Images;

namespace Containerd.Client.Images;

/// <summary>Reads the config, the history and the layers of images.</summary>
internal sealed class ImageDetails(ImageScope ns)
{
    /// <inheritdoc cref="ImageStore.DetailAsync"/>
    internal async Task<CtrImage> DetailAsync(CtrImage image, string? platform, CancellationToken cancellationToken)
    {
        var host = await ns.ImageRecords.DaemonPlatformAsync(cancellationToken).ConfigureAwait(false);
        var target = (await ns.ImageRecords.FindAsync(image.Name, cancellationToken).ConfigureAwait(false)).Target.ToDescriptor();
        var tree = await ImageTree.LoadAsync(ns.Content, target, ImageOrigin.Stored(image.Name), cancellationToken).ConfigureAwait(false);
        List<ImagePlatform> wanted = platform is null ? [.. host.Runnable()] : [ImagePlatform.Parse(platform, host)];
        var manifest = tree.Choose(wanted)
            ?? (platform is null ? tree.Manifests.FirstOrDefault(m => m.Document is not null) : null)
            ?? throw ImageOrigin.NoPlatform(image.Name, [wanted[0].ToString()], tree.Platforms());
        image.Size = manifest.Size;
        if (manifest.Document is not null && !ImageTree.IsContainerImage(manifest))
        {
            image.Layers = [.. await LayersAsync(manifest, [], cancellationToken).ConfigureAwait(false)];
            return image;
        }

        var config = await tree.ConfigAsync(manifest, cancellationToken).ConfigureAwait(false);
        image.Config = config.ToModel();
        image.Layers = [.. await LayersAsync(manifest, image.Config.DiffIds, cancellationToken).ConfigureAwait(false)];
        var next = 0;
        CtrImageLayer[] steps = [.. image.Layers.Where(l => l.DiffId.Length > 0)];
        image.History =
        [
            .. config.Steps().Select(step => Step(step, step.EmptyLayer == true || next >= steps.Length ? null : steps[next++])),
        ];
        return image;
    }

    private static CtrImageHistory Step(OciConfig.Step step, CtrImageLayer? layer) =>
        new()
        {
            CreatedAt = OciConfig.Time(step.Created),
            CreatedBy = step.CreatedBy ?? "",
            Author = step.Author ?? "",
            Comment = step.Comment ?? "",
            Layer = layer?.Digest ?? "",
            Size = layer?.Size ?? 0,
        };

    private async Task<List<CtrImageLayer>> LayersAsync(ImageManifest manifest, string[] diffIds, CancellationToken cancellationToken)
    {
        var layers = new List<CtrImageLayer>();
        var unpacked = manifest.Document!.ImageLayers(diffIds.Length);
        var next = 0;
        foreach (var blob in manifest.Document!.Layers!)
        {
            var diffId = unpacked.Contains(blob) && next < diffIds.Length ? diffIds[next++] : "";
            layers.Add(
                new CtrImageLayer
                {
                    Digest = blob.Digest,
                    MediaType = blob.MediaType,
                    Size = blob.Size,
                    DiffId = diffId,
                    ChainId = diffId.Length > 0 ? ImageUnpacker.ChainId(diffIds[..next]) : "",
                    IsPresent = await ns.Content.Records.FindAsync(blob.Digest, cancellationToken).ConfigureAwait(false) is not null,
                }
            );
        }

        return layers;
    }
}
