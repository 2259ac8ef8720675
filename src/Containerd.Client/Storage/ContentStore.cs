using System.Buffers;
using System.Security.Cryptography;
using Containerd.Client.Storage;
using Containerd.Client.Transport;
using Containerd.Client.Wire.Content;
using Containerd.Host.Errors;
using Containerd.Oci;
using Containerd.Oci.Images;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Containerd.Client;

/// <summary>The blobs of a namespace, by digest: manifests, configs and layers of images.</summary>
public sealed partial class ContentStore
{
    // The size that Go's clients use; the limit for a message is 16 MiB.
    private const int ChunkSize = 1 << 20;
    private readonly StorageScope _namespace;

    internal ContentStore(StorageScope ns) => _namespace = ns;

    private Content.ContentClient Stub(string? lease = null) => new(_namespace.Calls(lease));

    /// <summary>Reads the metadata of a blob (content.v1 Info).</summary>
    /// <param name="digest">The digest of the blob.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The blob; null if it does not exist in this namespace.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    internal async Task<CtrContent?> InfoAsync(string digest, CancellationToken cancellationToken = default)
    {
        try
        {
            return FromWire(
                (
                    await Stub()
                        .InfoAsync(new InfoRequest { Digest = digest }, cancellationToken: cancellationToken)
                        .ResponseAsync.ConfigureAwait(false)
                ).Info
            );
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
        catch (RpcException e)
        {
            throw RpcErrors.Translate(e, Resource.Content, digest);
        }
    }

    /// <summary>Reads a small blob completely (content.v1 Read).</summary>
    /// <param name="digest">The digest of the blob.</param>
    /// <param name="maxBytes">The size limit.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>Its bytes; null if it does not exist in this namespace.</returns>
    /// <exception cref="CtrDataException">ContentTooLarge: the blob is larger than that.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<byte[]?> ReadAllAsync(string digest, int maxBytes, CancellationToken cancellationToken = default)
    {
        using var memory = new MemoryStream();
        try
        {
            await foreach (var chunk in ReadAsync(digest, cancellationToken).ConfigureAwait(false))
            {
                if (memory.Length + chunk.Length > maxBytes)
                    throw new CtrDataException($"The blob {digest} is larger than {maxBytes} bytes.")
                    {
                        ErrorId = ErrorIds.ContentTooLarge,
                        Subject = digest,
                    };
                memory.Write(chunk.Span);
            }
        }
        catch (CtrNotFoundException)
        {
            return null;
        }

        return memory.ToArray();
    }

    /// <summary>
    /// Writes a blob (content.v1 Write). A blob that the store already has is not sent again, but its data is read to the end and verified.
    /// </summary>
    /// <param name="reference">The write's name, unique to this writer.</param>
    /// <param name="data">The bytes of the blob.</param>
    /// <param name="size">The number of bytes.</param>
    /// <param name="expected">The expected digest; null if it is not known.</param>
    /// <param name="lease">The lease that holds the blob.</param>
    /// <param name="labels">Labels for a new blob; null for none.</param>
    /// <param name="progress">Receives the number of read bytes; null for none.</param>
    /// <param name="cancellationToken">Gives up; what was begun is aborted.</param>
    /// <returns>The digest of the blob.</returns>
    /// <exception cref="CtrDataException">DigestMismatch, or DataTruncated when the data ends early.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<string> WriteAsync(
        string reference,
        Stream data,
        long size,
        string? expected,
        string? lease,
        IReadOnlyDictionary<string, string>? labels = null,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(data);
        return await WriteUnmappedAsync(reference, data, size, expected, lease, labels, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Like <see cref="WriteAsync"/>, for internal callers: exceptions of the stream are passed on unchanged.</summary>
    internal Task<string> WriteUnmappedAsync(
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
            _namespace.Connection,
            cancellationToken
        );

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
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
        var settled = false;
        try
        {
            var start = data.CanSeek ? data.Position : 0;
            for (var fresh = false; ; fresh = true)
            {
                try
                {
                    var digest = await WriteCoreAsync(
                            new Source(data, size, buffer, expected, progress),
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
                    await AbortAsync(reference).ConfigureAwait(false);
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
                await AbortAsync(reference).ConfigureAwait(false);
        }
    }

    /// <summary>Changes labels of a blob (content.v1 Update); other labels are not changed.</summary>
    /// <param name="digest">The digest of the blob.</param>
    /// <param name="labels">The labels to set; an empty value removes the label.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The changed blob.</returns>
    /// <exception cref="CtrNotFoundException">ContentNotFound.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrContent> UpdateLabelsAsync(
        string digest,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Count == 0)
            return await GetAsync(digest, cancellationToken).ConfigureAwait(false);
        var request = new UpdateRequest
        {
            Info = new Info { Digest = digest },
            UpdateMask = new FieldMask(),
        };
        foreach (var (key, value) in labels)
        {
            request.Info.Labels[key] = value;
            request.UpdateMask.Paths.Add("labels." + key);
        }

        return FromWire(
            (
                await Stub()
                    .UpdateAsync(request, cancellationToken: cancellationToken)
                    .TranslateErrors(Resource.Content, digest)
                    .ConfigureAwait(false)
            ).Info
        );
    }

    private async Task<string> WriteCoreAsync(
        Source source,
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
        var holder = lease ?? _namespace.Lease;
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
            await _namespace.Leases.AddAsync(holder, "content", digest, cancellationToken).ConfigureAwait(false);
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
                return await OpenAsync(reference, size, expected, lease, cancellationToken, abort: () => AbortAsync(reference))
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

    /// <summary>Opens a resumable write (content.v1 Write).</summary>
    /// <returns>The write; null if the blob already exists.</returns>
    internal Task<ContentWriter?> OpenAsync(
        string reference,
        long size,
        string? expected,
        string? lease,
        CancellationToken cancellationToken,
        Func<Task>? abort = null
    ) => ContentWriter.OpenAsync(Stub(lease), reference, size, expected, _namespace.Connection, abort, cancellationToken);

    /// <summary>Removes an unfinished write (content.v1 Abort), with a separate deadline.</summary>
    internal async Task AbortAsync(string reference)
    {
        using var deadline = new CancellationTokenSource(BackgroundWork.CleanUpDeadline);
        try
        {
            await RemoveIngestAsync(reference, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException)
        {
            // Already removed; or the daemon is unavailable, and the ingest is removed with its lease.
        }
    }

    /// <summary>The bytes to write, counted and hashed on their way.</summary>
    private sealed class Source(Stream stream, long size, byte[] buffer, string? expected, IProgress<ImageProgress>? progress)
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly IncrementalHash? _pin =
            expected is null || DigestPin.IsStored(expected) ? null : IncrementalHash.CreateHash(DigestPin.NameOf(expected));
        public long Size => size;

        public long Offset { get; private set; }

        public Task<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken) => ReadAsync(size, cancellationToken);

        private async Task<ReadOnlyMemory<byte>> ReadAsync(long until, CancellationToken cancellationToken)
        {
            var wanted = (int)Math.Min(Math.Min(buffer.Length, ChunkSize), until - Offset);
            var read = await stream
                .ReadAtLeastAsync(buffer.AsMemory(0, wanted), wanted, throwOnEndOfStream: false, cancellationToken)
                .ConfigureAwait(false);
            if (read < wanted)
                throw new CtrDataException($"The data ends after {Offset + read} of {size} bytes.") { ErrorId = ErrorIds.DataTruncated };
            _hash.AppendData(buffer, 0, read);
            _pin?.AppendData(buffer, 0, read);
            Offset += read;
            progress?.Report(new ImageProgress(ImageProgressStage.Reading, "", Offset, size));
            return buffer.AsMemory(0, read);
        }

        public async Task SkipAsync(long to, CancellationToken cancellationToken)
        {
            // Exactly this number: the rest of a chunk is what the store still needs.
            to = Math.Min(to, size);
            while (Offset < to)
                await ReadAsync(to, cancellationToken).ConfigureAwait(false);
        }

        /// <summary>The digest of all bytes, verified after they were read.</summary>
        public string Digest()
        {
            var digest = "sha256:" + Convert.ToHexString(_hash.GetHashAndReset()).ToLowerInvariant();
            var compared = _pin is null
                ? digest
                : expected![..(expected!.IndexOf(':', StringComparison.Ordinal) + 1)]
                    + Convert.ToHexString(_pin.GetHashAndReset()).ToLowerInvariant();
            _hash.Dispose();
            _pin?.Dispose();
            return expected is null || expected == compared
                ? digest
                : throw new CtrDataException($"The data has the digest {compared}, not {expected}.")
                {
                    ErrorId = ErrorIds.DigestMismatch,
                    Subject = expected,
                };
        }
    }
}
