using System.Buffers;
using Containerd.Client.Transport;
using Containerd.Client.Wire.Content;
using Containerd.Oci;
using Containerd.Oci.Images;

namespace Containerd.Client.Storage;

/// <summary>Writes blobs of a namespace, and resumes interrupted writes.</summary>
internal sealed class BlobWriter(StorageScope ns, IngestRecords ingests)
{
    private Content.ContentClient Stub(string? lease = null) => new(ns.Calls(lease));

    /// <summary>Like <see cref="ContentStore.WriteAsync"/>, but exceptions of the stream are passed on unchanged.</summary>
    internal Task<string> WriteAsync(
        string reference,
        Stream data,
        long size,
        string? expected,
        string? lease,
        IReadOnlyDictionary<string, string>? labels = null,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) =>
        BackgroundWork.Track(
            WriteOrAbortAsync(reference, data, size, expected, lease, labels, progress, cancellationToken),
            ns.Connection,
            cancellationToken
        );

    /// <summary>Opens a resumable write (content.v1 Write).</summary>
    /// <returns>The write; null if the blob already exists.</returns>
    internal Task<ContentWriter?> OpenAsync(
        string reference,
        long size,
        string? expected,
        string? lease,
        CancellationToken cancellationToken,
        Func<Task>? abort = null
    ) => ContentWriter.OpenAsync(Stub(lease), reference, size, expected, ns.Connection, abort, cancellationToken);

    private async Task<string> WriteOrAbortAsync(
        string reference,
        Stream data,
        long size,
        string? expected,
        string? lease,
        IReadOnlyDictionary<string, string>? labels,
        IProgress<ImageProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BlobSource.ChunkSize);
        var settled = false;
        try
        {
            var start = data.CanSeek ? data.Position : 0;
            for (var fresh = false; ; fresh = true)
            {
                try
                {
                    var digest = await WriteCoreAsync(
                            new BlobSource(data, size, buffer, expected, progress),
                            reference,
                            expected,
                            lease,
                            labels,
                            cancellationToken
                        )
                        .ConfigureAwait(false);
                    settled = true;
                    return digest;
                }
                catch (StaleWriteException stale)
                {
                    // The unfinished write contained different data: it is useless.
                    await ingests.AbortAsync(reference).ConfigureAwait(false);
                    if (fresh || !data.CanSeek)
                        throw fresh && stale.InnerException?.InnerException is CtrException cause ? cause : stale.Error;
                    data.Position = start;
                }
            }
        }
        catch (CtrConflictException e) when (e.ErrorId == ErrorIds.ContentLocked)
        {
            // It belongs to another client, which continues it.
            settled = true;
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (!settled)
                await ingests.AbortAsync(reference).ConfigureAwait(false);
        }
    }

    private async Task<string> WriteCoreAsync(
        BlobSource source,
        string reference,
        string? expected,
        string? lease,
        IReadOnlyDictionary<string, string>? labels,
        CancellationToken cancellationToken
    )
    {
        // The store supports only SHA-256; the source compares any other digest.
        var stored = expected is not null && DigestPin.IsStored(expected) ? expected : null;
        using var writer = await OpenToResumeAsync(reference, source.Size, stored, lease, cancellationToken).ConfigureAwait(false);
        var resumed = writer?.Offset ?? 0;
        if (resumed > source.Size)
            throw new StaleWriteException(OtherData(reference, null));

        // For content that another namespace already has, no bytes are needed: the store reports the end as its offset.
        await source.SkipAsync(writer?.Offset ?? source.Size, cancellationToken).ConfigureAwait(false);
        while (source.Offset < source.Size)
            await writer!
                .WriteAsync(await source.ReadAsync(cancellationToken).ConfigureAwait(false), cancellationToken)
                .ConfigureAwait(false);
        var digest = source.Digest();
        var holder = lease ?? ns.Lease;
        var isNew = false;
        if (writer is not null)
        {
            // Without a lease it would never be removed.
            try
            {
                await BackgroundWork
                    .CompleteOrUndoAsync(
                        async stop => isNew = await writer.CommitAsync(digest, labels, stop).ConfigureAwait(false),
                        async deadline =>
                        {
                            if (isNew && holder is null)
                                await Stub()
                                    .DeleteAsync(new DeleteContentRequest { Digest = digest }, cancellationToken: deadline)
                                    .TranslateErrors(Resource.Content, digest)
                                    .ConfigureAwait(false);
                        },
                        cancellationToken
                    )
                    .ConfigureAwait(false);
            }
            catch (CtrDataException e) when (e.ErrorId == ErrorIds.DigestMismatch)
            {
                // The bytes of the source have this digest, so the earlier data is wrong. This also applies to an ingest for another
                // length, although containerd reports offset 0: it does not truncate the existing data.
                throw new StaleWriteException(OtherData(reference, e));
            }
        }

        // The store adds a blob to the lease if it recognizes it by its digest at the start, but not if it recognizes it at the end.
        if (!isNew && stored is null && holder is not null)
            await ns.Leases.AddAsync(holder, "content", digest, cancellationToken).ConfigureAwait(false);
        return digest;
    }

    // The daemon may not have detected the end of the last writer's call yet.
    private async Task<ContentWriter?> OpenToResumeAsync(
        string reference,
        long size,
        string? expected,
        string? lease,
        CancellationToken cancellationToken
    )
    {
        for (var delay = 10; ; delay *= 2)
        {
            try
            {
                return await OpenAsync(reference, size, expected, lease, cancellationToken, abort: () => ingests.AbortAsync(reference))
                    .ConfigureAwait(false);
            }
            catch (CtrConflictException e) when (e.ErrorId == ErrorIds.ContentLocked && delay < 5000)
            {
                await Task.Delay(delay, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static CtrDataException OtherData(string reference, Exception? cause) =>
        new($"The unfinished write '{reference}' contains other data.", cause)
        {
            ErrorId = ErrorIds.IngestMismatch,
            Subject = reference,
            Remedy = "It has been removed: try again, or use another reference.",
        };
}
