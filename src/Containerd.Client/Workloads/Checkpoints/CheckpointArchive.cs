using System.Formats.Tar;
using Containerd.Oci.Archives;
using ZstdSharp;
using TarFile = Containerd.Oci.Archives.TarFile;

namespace Containerd.Client.Workloads.Checkpoints;

/// <summary>
/// The directory of a checkpoint as one file: a tar with the manifest first, uncompressed or compressed according to its name.
/// </summary>
internal static class CheckpointArchive
{
    /// <summary>Packs a directory to a new file.</summary>
    internal static async Task PackAsync(
        string folder,
        CheckpointManifest manifest,
        string file,
        string name,
        IProgress<CheckpointProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var total = manifest.Size;
        long done = 0;
        var target = CheckpointFolder.Create(file);
        await using (target.ConfigureAwait(false))
        {
            var packed = TarPacking.Open(target, name);
            await using (packed.ConfigureAwait(false))
            {
                var tar = new TarWriter(packed, TarEntryFormat.Pax, leaveOpen: true);
                await using (tar.ConfigureAwait(false))
                {
                    foreach (var item in manifest.Files.Keys.Order(StringComparer.Ordinal).Prepend(CheckpointFolder.ManifestName))
                    {
                        var data = new FileStream(Path.Combine(folder, item), FileMode.Open, FileAccess.Read);
                        await using (data.ConfigureAwait(false))
                        {
                            var before = done;
                            var entry = new PaxTarEntry(TarEntryType.RegularFile, item)
                            {
                                Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                                ModificationTime = File.GetLastWriteTimeUtc(data.Name),
                                DataStream =
                                    data.Length == 0
                                        ? null
                                        : new WatchedStream(data, () =>
                                            progress?.Report(new CheckpointProgress(true, item, before + data.Position, total))
                                        ),
                            };
                            await tar.WriteEntryAsync(entry, cancellationToken).ConfigureAwait(false);
                            done += data.Length;
                        }
                    }
                }
            }
        }
    }

    /// <summary>Unpacks a file into an empty directory.</summary>
    /// <exception cref="CtrDataException">It is not the archive of a checkpoint, or is damaged (InvalidCheckpoint).</exception>
    internal static async Task UnpackAsync(
        string file,
        string folder,
        IProgress<CheckpointProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var data = new FileStream(file, new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
            await using (data.ConfigureAwait(false))
            {
                var unpacked = await ArchiveStream.OpenAsync(data, cancellationToken).ConfigureAwait(false);
                await using (unpacked.ConfigureAwait(false))
                {
                    var tar = new TarFileReader(unpacked);
                    if (await tar.NextAsync(cancellationToken).ConfigureAwait(false) is not { } head)
                        throw CheckpointErrors.Invalid(file, "it is an empty archive");
                    // Only content that the manifest lists is unpacked, with the listed sizes: the creator of the archive does not control
                    // the used disk space.
                    var manifest = await ReadManifestAsync(head, file, folder, cancellationToken).ConfigureAwait(false);
                    var missing = new HashSet<string>(manifest.Files.Keys, StringComparer.Ordinal);
                    while (await tar.NextAsync(cancellationToken).ConfigureAwait(false) is { } entry)
                    {
                        if (
                            !CheckpointFolder.IsOurs(entry.Name)
                            || entry.Kind != TarFileKind.File
                            || !manifest.Files.TryGetValue(entry.Name, out var expected)
                        )
                            throw CheckpointErrors.Invalid(file, $"it holds '{entry.Name}'");
                        if (!missing.Remove(entry.Name))
                            throw CheckpointErrors.Invalid(file, $"it holds '{entry.Name}' twice");
                        if (entry.Length != expected.Size)
                            throw CheckpointErrors.Invalid(
                                file,
                                $"its file '{entry.Name}' has {entry.Length} bytes instead of {expected.Size}"
                            );
                        await ExtractAsync(
                                entry,
                                folder,
                                () => progress?.Report(new CheckpointProgress(false, entry.Name, unpacked.BytesRead, data.Length)),
                                cancellationToken
                            )
                            .ConfigureAwait(false);
                    }

                    // Only the end of a compressed stream shows whether it is complete.
                    await unpacked.CopyToAsync(Stream.Null, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (UnauthorizedAccessException e)
        {
            throw new CtrPermissionException($"The checkpoint '{file}' cannot be read: permission denied.", e) { Subject = file };
        }
        catch (TarFaultException e) when (!e.IsHeaderBroken)
        {
            throw CheckpointErrors.Invalid(file, e.Message, e);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or ZstdException)
        {
            throw CheckpointErrors.Invalid(file, "it is not a tar archive, or it is damaged", e);
        }
        catch (IOException e)
        {
            throw new CtrException($"The checkpoint '{file}' cannot be unpacked: {e.Message}", e)
            {
                ErrorId = ErrorIds.CheckpointNotUnpacked,
                Subject = file,
            };
        }
    }

    private static async Task<CheckpointManifest> ReadManifestAsync(
        TarFile entry,
        string file,
        string folder,
        CancellationToken cancellationToken
    )
    {
        if (entry.Name != CheckpointFolder.ManifestName || entry.Kind != TarFileKind.File)
            throw CheckpointErrors.Invalid(file, $"it does not begin with a {CheckpointFolder.ManifestName}");
        if (entry.Length > CheckpointFolder.MaxManifest)
            throw CheckpointErrors.Invalid(file, $"its {CheckpointFolder.ManifestName} is too large");
        await ExtractAsync(entry, folder, static () => { }, cancellationToken).ConfigureAwait(false);
        var manifest = CheckpointManifest.Parse(
            await File.ReadAllBytesAsync(Path.Combine(folder, CheckpointFolder.ManifestName), cancellationToken).ConfigureAwait(false),
            file
        );
        CheckpointFolder.RequireFiles(manifest, file);
        var free = new DriveInfo(folder).AvailableFreeSpace;
        if (manifest.Size > free)
            throw new IOException($"it needs {new CtrSize(manifest.Size)} in {Path.GetTempPath()}, and {new CtrSize(free)} are free");
        return manifest;
    }

    private static async Task ExtractAsync(TarFile entry, string folder, Action told, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, entry.Name);
        CheckpointFolder.Make(Path.GetDirectoryName(path)!);
        var file = CheckpointFolder.Create(path);
        await using (file.ConfigureAwait(false))
        {
            await new HeadStream(entry.Data, told).CopyToAsync(file, 1 << 20, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A file that reports each read, and whose length is known, as the writer of a tar requires.</summary>
    private sealed class WatchedStream(FileStream file, Action told) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => file.Length;

        public override long Position
        {
            get => file.Position;
            set => file.Position = value;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await file.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            told();
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => file.Read(buffer, offset, count);

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
