using System.Runtime.Versioning;
using Containerd.Client.Records;
using Containerd.Host;
using Containerd.Host.Copies;
using Containerd.Host.Files;
using Containerd.Host.Volumes;
using Containerd.Oci;
using Containerd.Oci.Archives;
using ZstdSharp;

namespace Containerd.Client.Workloads.Volumes;

/// <summary>Volumes as archives.</summary>
[SupportedOSPlatform("linux")]
internal sealed class VolumeArchive(RecordScope ns, VolumeHost host)
{
    /// <inheritdoc cref="VolumeService.ExportAsync"/>
    internal async Task ExportAsync(
        VolumeFolder volume,
        VolumeExportOptions options,
        IProgress<ImageProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        using var held = await volume.ShareAsync(cancellationToken).ConfigureAwait(false);
        if (held is null)
            throw VolumeErrors.NotFound(volume.Name, ns.Namespace);
        var notes = new CopyNotes();
        await OutputFile
            .WriteAsync(
                options.Path,
                options.NoClobber,
                target =>
                    CopyThread.RunAsync(() =>
                    {
                        using var packed = TarPacking.Open(target, options.Path);
                        new VolumePack(packed, volume.Name, progress, notes, cancellationToken).Run(volume.Data);
                        return true;
                    }),
                cancellationToken
            )
            .ConfigureAwait(false);
        Report(notes, options.Warnings);
    }

    /// <inheritdoc cref="VolumeService.ImportAsync"/>
    internal async Task<VolumeFolder> ImportAsync(
        string name,
        VolumeImportOptions options,
        IProgress<ImageProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var file = InputFile.Open(options.Path);
        await using var fileDisposal = file.ConfigureAwait(false);
        if (host.Store.Of(ns.Namespace, name).Exists)
            throw VolumeErrors.Exists(name);
        var notes = new CopyNotes();
        try
        {
            var record = new VolumeRecord
            {
                Labels = options.Labels.Count == 0 ? null : options.Labels.ToDictionary(),
                CreatedAt = DateTime.UtcNow,
                CopiedFrom = "",
            };
            using var unfinished = host.Store.Begin(ns.Namespace, record, host.Daemon);
            await UnpackAsync(file, unfinished.Volume.Data, options, progress, notes, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return host.Store.TryPublish(unfinished, ns.Namespace, name) ?? throw VolumeErrors.Exists(name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw VolumeStateErrors.NotWritable(name, host.Store.Root, e);
        }
        finally
        {
            Report(notes, options.Warnings);
        }
    }

    private static async Task UnpackAsync(
        FileStream file,
        string folder,
        VolumeImportOptions options,
        IProgress<ImageProgress>? progress,
        CopyNotes notes,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var stream = await ArchiveStream.OpenAsync(file, cancellationToken).ConfigureAwait(false);
            await using var streamDisposal = stream.ConfigureAwait(false);
            using var unpack = new VolumeUnpack(folder, notes);
            var length = file.CanSeek ? file.Length : 0;
            await unpack
                .RunAsync(
                    new TarFileReader(stream),
                    entry => progress?.Report(new ImageProgress(ImageProgressStage.Reading, entry, stream.BytesRead, length)),
                    cancellationToken
                )
                .ConfigureAwait(false);
            // Only the end of a compressed stream shows whether it is complete.
            await stream.CopyToAsync(Stream.Null, cancellationToken).ConfigureAwait(false);
        }
        catch (TarFaultException e) when (!e.IsHeaderBroken)
        {
            throw VolumeErrors.InvalidArchive(options.Path, e.Message, e);
        }
        catch (EndOfStreamException e)
        {
            throw VolumeErrors.InvalidArchive(options.Path, "it ends too early, or is not a tar", e);
        }
        catch (IOException e)
        {
            // The files of the volume are not written with exceptions of this type.
            throw InputFile.NotReadable(options.Path, e);
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or OverflowException or ZstdException)
        {
            throw VolumeErrors.InvalidArchive(options.Path, "it is not a tar, or is damaged", e);
        }
    }

    private static void Report(CopyNotes notes, IProgress<string>? warnings)
    {
        foreach (var sentence in notes.Sentences())
            warnings?.Report(sentence);
    }
}
