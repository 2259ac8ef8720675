using Containerd.Client.Images;
using Containerd.Client.Records;
using Containerd.Host.Errors;
using Containerd.Host.Files;
using Containerd.Oci;
using Containerd.Oci.Archives;
using Containerd.Oci.Images;

namespace Containerd.Client;

/// <content>Archives out.</content>
public sealed partial class ImageStore
{
    /// <summary>Exports images to an archive file, atomically.</summary>
    /// <param name="names">The images, in full or short.</param>
    /// <param name="path">
    /// The file; a device, a named pipe or a file with several hard links is written in place, any other file is replaced. Its extension
    /// selects the compression: .tar for none, .tar.gz or .tgz, .tar.zst or .tzst.
    /// </param>
    /// <param name="options">The export options.</param>
    /// <param name="progress">Receives progress, frequently and on any thread; null for none.</param>
    /// <param name="cancellationToken">Gives up, and leaves nothing.</param>
    /// <returns>The content of the archive, in the order of the names.</returns>
    /// <exception cref="CtrNotFoundException">ImageNotFound, PlatformNotAvailable.</exception>
    /// <exception cref="CtrDataException">
    /// ImageIncomplete, DigestMismatch; ImageNotExportable: not a container image, in Docker's format.
    /// </exception>
    /// <exception cref="CtrNotSupportedException">FormatHoldsOnePlatform.</exception>
    /// <exception cref="CtrConflictException">FileExists.</exception>
    /// <exception cref="CtrException">FileNotWritable.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<ExportedImage>> ExportAsync(
        IEnumerable<string> names,
        string path,
        ImageExportOptions options,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(options);
        IReadOnlyList<ExportedImage> exported = [];
        await OutputFile
            .WriteAsync(
                path,
                options.NoClobber,
                async file =>
                {
                    var packed = TarPacking.Open(file, path);
                    await using var packedDisposal = packed.ConfigureAwait(false);
                    exported = await ExportAsync(names, packed, options, progress, cancellationToken).ConfigureAwait(false);
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        return exported;
    }

    /// <summary>Exports images as a tar into a stream.</summary>
    /// <param name="names">The images, in full or short.</param>
    /// <param name="target">The destination of the tar.</param>
    /// <param name="options">The export options.</param>
    /// <param name="progress">Receives progress, frequently and on any thread; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The content of the archive, in the order of the names.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<ExportedImage>> ExportAsync(
        IEnumerable<string> names,
        Stream target,
        ImageExportOptions options,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(options);
        var images = new List<(string Name, OciDescriptor Target)>();
        foreach (var name in names)
        {
            var image = await Records.FindAsync(name, cancellationToken).ConfigureAwait(false);
            if (images.TrueForAll(i => i.Name != image.Name))
                images.Add((image.Name, image.Target.ToDescriptor()));
        }

        try
        {
            return await new ImageExporter(_namespace, options, progress)
                .ExportAsync(images, target, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The export was cancelled.", e, cancellationToken);
        }
    }
}
