using Containerd.Client.Storage;
using Containerd.Client.Transport;
using Containerd.Host;
using Containerd.Oci;
using Containerd.Oci.Images;
using Containerd.Oci.Registry;

namespace Containerd.Client.Images;

/// <summary>Fetches content from a registry to the content store, and resumes earlier fetches.</summary>
internal sealed class BlobFetch(
    ImageScope ns,
    RegistryRepository registry,
    string lease,
    ImagePullOptions options,
    IProgress<ImageProgress>? progress
)
{
    private const int ChunkSize = 1 << 20;
    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(100);

    /// <summary>Stores a manifest or an index, unless it exists, and returns it.</summary>
    public async Task<byte[]> DocumentAsync(OciDescriptor descriptor, byte[]? json, CancellationToken cancellationToken)
    {
        if (descriptor.Size > RegistryRepository.MostManifestBytes)
            throw ImageOrigin
                .Registry(registry.Subject)
                .Fault($"the manifest {descriptor.Digest} has {descriptor.Size} bytes", ErrorIds.ManifestTooLarge);
        using var writer = await OpenAsync(MediaTypes.WriteReference(descriptor), descriptor, cancellationToken).ConfigureAwait(false);
        if (writer is null && json is null)
            return await ns
                .Content.ReadAllAsync(descriptor.Digest, RegistryRepository.MostManifestBytes, cancellationToken)
                .ConfigureAwait(false)
                ?? throw RpcErrors.NotFound(Resource.Content, descriptor.Digest);
        json ??= await registry.ManifestAsync(descriptor, cancellationToken).ConfigureAwait(false);
        if (writer is not null)
        {
            if (writer.Offset < json.Length)
                await writer.WriteAsync(json.AsMemory((int)writer.Offset), cancellationToken).ConfigureAwait(false);
            await CommitAsync(writer, MediaTypes.WriteReference(descriptor), descriptor, cancellationToken).ConfigureAwait(false);
        }

        return json;
    }

    /// <summary>Stores a config or a layer, unless it exists.</summary>
    public async Task BlobAsync(OciDescriptor blob, CancellationToken cancellationToken)
    {
        for (var fresh = false; ; fresh = true)
        {
            var reference = MediaTypes.WriteReference(blob);
            ContentWriter? writer;
            try
            {
                writer = await OpenAsync(reference, blob, cancellationToken).ConfigureAwait(false);
            }
            catch (CtrConflictException e) when (e.ErrorId == ErrorIds.ContentLocked)
            {
                // The other writer hangs: fetch the content again.
                reference += "-" + Guid.NewGuid().ToString("N");
                writer = await OpenAsync(reference, blob, cancellationToken).ConfigureAwait(false);
            }

            using (writer)
            {
                if (writer is null)
                {
                    Report(blob, blob.Size);
                    return;
                }

                var resumed = writer.Offset > 0;
                RegistryConnection? source = null;
                try
                {
                    if (writer.Offset <= blob.Size)
                    {
                        source = await CopyAsync(writer, blob, cancellationToken).ConfigureAwait(false);
                        await CommitAsync(writer, reference, blob, cancellationToken).ConfigureAwait(false);
                        return;
                    }
                }
                catch (CtrDataException e)
                    when (e.ErrorId == ErrorIds.DigestMismatch && ((resumed && !fresh) || (source is not null && registry.GiveUpOn(source)))
                    )
                {
                    // The earlier data may be wrong; otherwise the host is, and another one may have the correct content.
                }
            }

            await ns.Content.Ingests.AbortAsync(reference).ConfigureAwait(false);
        }
    }

    private async Task<RegistryConnection?> CopyAsync(ContentWriter writer, OciDescriptor blob, CancellationToken cancellationToken)
    {
        Report(blob, writer.Offset);
        if (writer.Offset == blob.Size)
            return null;
        var download = new BlobDownload(registry, blob, writer.Offset, options.Registry.RetryDelay);
        await using var downloadDisposal = download.ConfigureAwait(false);
        var buffer = new byte[ChunkSize];
        var filled = 0;
        while (true)
        {
            var read = await download.ReadAsync(buffer.AsMemory(filled), cancellationToken).ConfigureAwait(false);
            filled += read;
            if (filled == buffer.Length || read == 0)
            {
                if (filled > 0)
                    await writer.WriteAsync(buffer.AsMemory(0, filled), cancellationToken).ConfigureAwait(false);
                filled = 0;
            }

            Report(blob, download.Position);
            if (read == 0)
                return download.Source;
        }
    }

    private async Task CommitAsync(ContentWriter writer, string reference, OciDescriptor content, CancellationToken cancellationToken)
    {
        try
        {
            await writer.CommitAsync(content.Digest, null, cancellationToken).ConfigureAwait(false);
        }
        catch (CtrDataException e)
        {
            writer.Dispose();
            await ns.Content.Ingests.AbortAsync(reference).ConfigureAwait(false);
            throw RegistryErrors.Digest(registry.Subject, $"what came as {content.Digest} is something else", e);
        }
    }

    // If another client is fetching the same content, wait for it as long as it makes progress.
    private async Task<ContentWriter?> OpenAsync(string reference, OciDescriptor content, CancellationToken cancellationToken)
    {
        var (seen, since) = (-1L, DateTime.UtcNow);
        while (true)
        {
            try
            {
                return await ns
                    .Content.Writer.OpenAsync(reference, content.Size, content.Digest, lease, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (CtrConflictException e) when (e.ErrorId == ErrorIds.ContentLocked)
            {
                var offset = await WrittenAsync(reference, cancellationToken).ConfigureAwait(false);
                if (offset != seen)
                    (seen, since) = (offset, DateTime.UtcNow);
                if (DateTime.UtcNow - since > LongTime.Comparable(options.Registry.Timeout))
                    throw;
                Report(content, offset);
                await Task.Delay(LockPoll, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<long> WrittenAsync(string reference, CancellationToken cancellationToken)
    {
        try
        {
            return (await ns.Content.GetIngestAsync(reference, cancellationToken).ConfigureAwait(false)).Offset ?? 0;
        }
        catch (CtrNotFoundException)
        {
            // It has just been completed.
            return 0;
        }
    }

    private void Report(OciDescriptor blob, long done) =>
        progress?.Report(new ImageProgress(ImageProgressStage.Downloading, blob.Digest, done, blob.Size));
}
