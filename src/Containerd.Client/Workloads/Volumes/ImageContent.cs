using System.Runtime.Versioning;
using Containerd.Client.Images;
using Containerd.Client.Specs;
using Containerd.Client.Workloads.Specs;
using Containerd.Host;
using Containerd.Host.Files;
using Containerd.Host.Volumes;
using Containerd.Oci;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Client.Workloads.Volumes;

/// <summary>The files of an image that new volumes receive: the container's own snapshot, which has no others yet.</summary>
/// <param name="ns">The namespace.</param>
/// <param name="image">The image; null for none.</param>
/// <param name="snapshot">The snapshot; null for none.</param>
/// <param name="mapping">The id mapping of the container; null for none.</param>
/// <param name="mapsIds">Whether the kernel applies the mapping to the snapshot: then the owners on disk are those of the image.</param>
/// <param name="warnings">Receives warnings; null for none.</param>
[SupportedOSPlatform("linux")]
internal sealed class ImageContent(
    ImageScope ns,
    ResolvedImage? image,
    LeasedSnapshot? snapshot,
    IdMapping? mapping,
    bool mapsIds,
    IProgress<string>? warnings
)
{
    /// <summary>Copies the content of the image to a volume, once.</summary>
    /// <param name="volume">The volume, which the caller holds.</param>
    /// <param name="target">The mount point.</param>
    /// <param name="isRequired">Whether it is an error if the image cannot be read here; otherwise a warning.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    internal async Task CopyAsync(VolumeFolder volume, string target, bool isRequired, CancellationToken cancellationToken)
    {
        if (image is null || snapshot is null || !VolumeCopy.IsNeeded(volume))
            return;
        var mounts = await ns.Snapshots.MountsAsync(snapshot.Snapshotter, snapshot.Key, cancellationToken).ConfigureAwait(false);
        SafeFileHandle root,
            mount;
        try
        {
            (root, mount) = RootfsReader.Open(mounts, writable: false);
        }
        catch (CtrException e) when (e.ErrorId == ErrorIds.RootfsNotReadable)
        {
            // Not every snapshotter has file systems that can be mounted here.
            if (isRequired)
                throw VolumeErrors.ContentNotReadable(volume.Name, image.Name, target, e);
            warnings?.Report(
                $"The files of the image '{image.Name}' at '{target}' were not copied to its volume, which is empty. {e.Message}"
            );
            return;
        }

        using var files = FileRoot.Image(root, mount, image.Name);
        var ids = mapping is not null && mapsIds ? new IdMap([.. mapping.Users], [.. mapping.Groups]) : IdMap.None;
        await VolumeCopy
            .RunAsync(volume, files, image.Name, target, ids, warnings is null ? null : warnings.Report, cancellationToken)
            .ConfigureAwait(false);
    }
}
