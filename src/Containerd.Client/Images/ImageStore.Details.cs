using Containerd.Client.Images;
using Containerd.Client.Records;
using Containerd.Host.Errors;
using Containerd.Oci.Images;

namespace Containerd.Client;

/// <content>Details of an image.</content>
public sealed partial class ImageStore
{
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
        var host = await Records.DaemonPlatformAsync(cancellationToken).ConfigureAwait(false);
        var target = (await Records.FindAsync(image.Name, cancellationToken).ConfigureAwait(false)).Target.ToDescriptor();
        var tree = await ImageTree
            .LoadAsync(_namespace.Content, target, ImageOrigin.Stored(image.Name), cancellationToken)
            .ConfigureAwait(false);
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
                    IsPresent = await _namespace.Content.InfoAsync(blob.Digest, cancellationToken).ConfigureAwait(false) is not null,
                }
            );
        }

        return layers;
    }
}
