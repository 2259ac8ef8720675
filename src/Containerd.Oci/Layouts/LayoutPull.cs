using System.Security.Cryptography;
using Containerd.Oci.Images;
using Containerd.Oci.Registry;

namespace Containerd.Oci.Layouts;

/// <summary>Brings the content of an image into a layout, and then its name.</summary>
internal sealed class LayoutPull(
    RegistryRepository registry,
    RegistryTree tree,
    LayoutFolder folder,
    TimeSpan retryDelay,
    IProgress<ImageProgress>? progress
)
{
    private const int ChunkSize = 1 << 18;

    internal async Task<LayoutImage> RunAsync(bool all, int parallel, CancellationToken cancellationToken)
    {
        // What the layout lists has to be complete: so an index is only stored with all that it refers to.
        RegistryDocument[] documents = all ? [.. tree.Documents] : [.. tree.Manifests];
        var blobs = tree.Manifests.SelectMany(m => m.Document.Children()).DistinctBy(b => b.Digest).ToList();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, parallel), CancellationToken = cancellationToken };
        await Parallel
            .ForEachAsync(blobs, options, async (blob, token) => await StoreAsync(blob, token).ConfigureAwait(false))
            .ConfigureAwait(false);
        foreach (var document in documents)
            await folder
                .WriteAsync(
                    document.Descriptor.Digest,
                    async stream => await stream.WriteAsync(document.Json, cancellationToken).ConfigureAwait(false),
                    cancellationToken
                )
                .ConfigureAwait(false);
        RegistryDocument[] listed = all ? [tree.Root] : [.. tree.Manifests];
        await folder
            .ListAsync(tree.Name, registry.Reference, [.. listed.Select(d => d.Descriptor)], cancellationToken)
            .ConfigureAwait(false);
        return new LayoutImage
        {
            Name = tree.Name,
            Digest = tree.Root.Descriptor.Digest,
            Manifests = [.. listed.Select(d => d.Descriptor.Digest)],
            Size = documents.Sum(d => (long)d.Json.Length) + blobs.Sum(b => b.Size),
        };
    }

    private async Task StoreAsync(OciDescriptor blob, CancellationToken cancellationToken)
    {
        if (await folder.HasAsync(blob, cancellationToken).ConfigureAwait(false))
        {
            Report(blob, blob.Size);
            return;
        }

        while (true)
        {
            RegistryConnection? source = null;
            try
            {
                await folder
                    .WriteAsync(
                        blob.Digest,
                        async stream => await DownloadAsync(blob, stream, c => source = c, cancellationToken).ConfigureAwait(false),
                        cancellationToken
                    )
                    .ConfigureAwait(false);
                return;
            }
            catch (CtrDataException e) when (e.ErrorId == ErrorIds.DigestMismatch && source is not null && registry.GiveUpOn(source))
            {
                // Another host may have it right.
            }
        }
    }

    private async Task DownloadAsync(
        OciDescriptor blob,
        Stream target,
        Action<RegistryConnection?> from,
        CancellationToken cancellationToken
    )
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var download = new BlobDownload(registry, blob, 0, retryDelay);
        await using var downloadDisposal = download.ConfigureAwait(false);
        var buffer = new byte[ChunkSize];
        while (await download.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var read and > 0)
        {
            hash.AppendData(buffer, 0, read);
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            Report(blob, download.Position);
        }

        from(download.Source);
        if ("sha256:" + Convert.ToHexString(hash.GetHashAndReset()).ToLowerInvariant() != blob.Digest)
            throw RegistryErrors.Digest(registry.Subject, $"what came as {blob.Digest} is something else");
    }

    private void Report(OciDescriptor blob, long done) =>
        progress?.Report(new ImageProgress(ImageProgressStage.Downloading, blob.Digest, done, blob.Size));
}
