using System.Security.Cryptography;
using Containerd.Client.Storage;
using Containerd.Client.Transport;
using Containerd.Client.Wire.Content;
using Containerd.Host.Errors;
using Containerd.Host.Files;
using Containerd.Oci;
using Grpc.Core;

namespace Containerd.Client;

public sealed partial class ContentStore
{
    /// <summary>The blobs of this namespace (content.v1 List).</summary>
    /// <param name="filter">Which ones.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The blobs, by digest.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrContent>> ListAsync(StoreFilter filter, CancellationToken cancellationToken = default)
    {
        var blobs = await ListPlainAsync(filter, cancellationToken).ConfigureAwait(false);
        await TellKindsAsync(blobs, cancellationToken).ConfigureAwait(false);
        return blobs;
    }

    /// <summary>One blob (content.v1 Info).</summary>
    /// <param name="digest">Its digest.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The blob.</returns>
    /// <exception cref="CtrNotFoundException">ContentNotFound.</exception>
    /// <exception cref="CtrArgumentException">InvalidDigest.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrContent> GetAsync(string digest, CancellationToken cancellationToken = default)
    {
        var blob = await InfoAsync(ContentDigest.Require(digest), cancellationToken).ConfigureAwait(false)
            ?? throw RpcErrors.NotFound(Resource.Content, digest);
        await TellKindsAsync([blob], cancellationToken).ConfigureAwait(false);
        return blob;
    }

    /// <summary>Lists the blobs that an image's name refers to, which the garbage collector keeps for it.</summary>
    /// <param name="image">The image's name, in full or short.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The existing blobs, by digest.</returns>
    /// <exception cref="CtrNotFoundException">ImageNotFound.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrContent>> ListOfImageAsync(string image, CancellationToken cancellationToken = default)
    {
        var name = (await _namespace.ImageRecords.FindAsync(image, cancellationToken).ConfigureAwait(false)).Name;
        var graph = await StorageGraph.LoadAsync(_namespace, [], cancellationToken).ConfigureAwait(false);
        var reached = graph.Reach(graph.Images.Where(i => i.Name == name).Select(i => StorageGraph.Node.Content(i.Target)));
        var blobs = graph.Blobs.Where(b => reached.Contains(StorageGraph.Node.Content(b.Digest))).ToList();
        await TellKindsAsync(blobs, cancellationToken).ConfigureAwait(false);
        return blobs;
    }

    /// <summary>Reads a blob (content.v1 Read).</summary>
    /// <param name="digest">Its digest.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>Its bytes, in chunks, not compared with the digest.</returns>
    /// <exception cref="CtrNotFoundException">ContentNotFound.</exception>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(string digest, CancellationToken cancellationToken = default) =>
        ReadCoreAsync(digest, cancellationToken).Guarded(cancellationToken);

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadCoreAsync(
        string digest,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var call = Stub().Read(new ReadContentRequest { Digest = digest }, cancellationToken: cancellationToken);
        while (true)
        {
            try
            {
                if (!await call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false))
                    yield break;
            }
            catch (RpcException e)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw RpcErrors.Translate(e, Resource.Content, digest);
            }

            yield return call.ResponseStream.Current.Data.Memory;
        }
    }

    /// <summary>Reads a complete blob and compares it with its digest (content.v1 Read).</summary>
    /// <param name="digest">Its digest.</param>
    /// <param name="sink">Receives the bytes, in chunks; they are verified only at the end.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that completes when all bytes were received and verified.</returns>
    /// <exception cref="CtrNotFoundException">ContentNotFound.</exception>
    /// <exception cref="CtrDataException">DigestMismatch: the store's copy is damaged.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task CopyAsync(
        string digest,
        Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> sink,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(sink);
        await CopyUnmappedAsync(digest, sink, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Like <see cref="CopyAsync"/>, for internal callers: exceptions of the sink are passed on unchanged.</summary>
    internal async Task CopyUnmappedAsync(
        string digest,
        Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> sink,
        CancellationToken cancellationToken
    )
    {
        var algorithm = ContentDigest.Require(digest).Split(':')[0];
        using var hash = IncrementalHash.CreateHash(new HashAlgorithmName(algorithm.ToUpperInvariant()));
        await foreach (var chunk in ReadAsync(digest, cancellationToken).ConfigureAwait(false))
        {
            hash.AppendData(chunk.Span);
            await sink(chunk, cancellationToken).ConfigureAwait(false);
        }

        var actual = $"{algorithm}:{Convert.ToHexString(hash.GetHashAndReset()).ToLowerInvariant()}";
        if (actual != digest)
        {
            throw new CtrDataException($"The store's copy of {digest} is damaged: its bytes have the digest {actual}.")
            {
                ErrorId = ErrorIds.DigestMismatch,
                Subject = digest,
                RemedyId = "RemoveBlob",
                Remedy = "Force the removal of the blob, and import or pull the image again.",
            };
        }
    }

    /// <summary>Copies a blob to a file, atomically (content.v1 Read).</summary>
    /// <param name="digest">The digest of the blob.</param>
    /// <param name="path">
    /// The file; a device, a named pipe or a file with several hard links is written in place, any other file is replaced.
    /// </param>
    /// <param name="progress">Receives the number of written bytes; null for none.</param>
    /// <param name="noClobber">Whether an existing file is an error.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that completes when the file is written.</returns>
    /// <exception cref="CtrNotFoundException">ContentNotFound.</exception>
    /// <exception cref="CtrDataException">DigestMismatch: the store's copy is damaged.</exception>
    /// <exception cref="CtrConflictException">FileExists.</exception>
    /// <exception cref="CtrException">FileNotWritable.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task SaveAsync(
        string digest,
        string path,
        IProgress<ImageProgress>? progress = null,
        bool noClobber = false,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(path);
        var size = (await GetAsync(digest, cancellationToken).ConfigureAwait(false)).Size ?? 0;
        var written = 0L;
        await OutputFile
            .WriteAsync(
                path,
                noClobber,
                async file =>
                    await CopyUnmappedAsync(
                            digest,
                            async (chunk, stop) =>
                            {
                                await file.WriteAsync(chunk, stop).ConfigureAwait(false);
                                progress?.Report(new ImageProgress(ImageProgressStage.Writing, digest, written += chunk.Length, size));
                            },
                            cancellationToken
                        )
                        .ConfigureAwait(false),
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Stores a blob and protects it from the garbage collector: with the lease of the namespace view, or else with the label
    /// <c>containerd.io/gc.root</c>.
    /// </summary>
    /// <param name="reference">The name of the write; null for a generated one.</param>
    /// <param name="data">The bytes of the blob.</param>
    /// <param name="size">The number of bytes.</param>
    /// <param name="expected">The expected digest; null if it is not known.</param>
    /// <param name="labels">Labels for the blob; null for none.</param>
    /// <param name="progress">Receives the number of read bytes; null for none.</param>
    /// <param name="cancellationToken">Gives up; what was begun is aborted.</param>
    /// <returns>The blob.</returns>
    /// <exception cref="CtrDataException">DigestMismatch, or DataTruncated when the data ends early.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrContent> ImportAsync(
        string? reference,
        Stream data,
        long size,
        string? expected,
        IReadOnlyDictionary<string, string>? labels = null,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        if (expected is not null)
            ContentDigest.Require(expected);
        var kept = Retention.Labels(_namespace, labels);
        var digest = await WriteUnmappedAsync(
                reference ?? $"import-{Guid.NewGuid():N}",
                data,
                size,
                expected,
                null,
                kept,
                progress,
                cancellationToken
            )
            .ConfigureAwait(false);
        return await KeepAsync(digest, kept, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes a blob from this namespace, unless it is needed (content.v1 Delete).</summary>
    /// <param name="digest">Its digest.</param>
    /// <param name="force">Whether it is removed even if it is needed.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that completes when it is removed.</returns>
    /// <exception cref="CtrNotFoundException">ContentNotFound.</exception>
    /// <exception cref="CtrConflictException">ContentInUse: an image or a lease needs it.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task RemoveAsync(string digest, bool force = false, CancellationToken cancellationToken = default)
    {
        ContentDigest.Require(digest);
        if (!force)
        {
            var users = (await StorageGraph.LoadAsync(_namespace, [], cancellationToken).ConfigureAwait(false)).UsersOf(
                StorageGraph.Node.Content(digest),
                _namespace.Lease
            );
            if (users.Count > 0)
            {
                throw new CtrConflictException($"The blob {digest} is needed by {string.Join(", ", users)}.")
                {
                    ErrorId = ErrorIds.ContentInUse,
                    Subject = digest,
                    Remedy =
                        "Remove the objects that use it: the garbage collector then removes the blob. A forced removal takes "
                        + "effect immediately and breaks these objects.",
                };
            }
        }

        await Stub()
            .DeleteAsync(new DeleteContentRequest { Digest = digest }, cancellationToken: cancellationToken)
            .TranslateErrors(Resource.Content, digest)
            .ConfigureAwait(false);
    }

    /// <summary>Lists the blobs without determining their kind.</summary>
    internal async Task<IReadOnlyList<CtrContent>> ListPlainAsync(StoreFilter filter, CancellationToken cancellationToken)
    {
        var request = new ListContentRequest();
        request.Filters.AddRange(filter.ToWire());
        var blobs = new List<CtrContent>();
        try
        {
            using var call = Stub().List(request, cancellationToken: cancellationToken);
            while (await call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false))
                blobs.AddRange(call.ResponseStream.Current.Info.Select(FromWire));
        }
        catch (RpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw RpcErrors.Translate(e, Resource.Content, null);
        }

        return [.. blobs.Where(b => filter.Wants(b.Labels)).OrderBy(b => b.Digest, StringComparer.Ordinal)];
    }

    /// <summary>Sets the labels of a blob that may have existed before.</summary>
    internal async Task<CtrContent> KeepAsync(
        string digest,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellationToken
    )
    {
        var blob = await GetAsync(digest, cancellationToken).ConfigureAwait(false);
        var missing = labels
            .Where(l => !blob.Labels.TryGetValue(l.Key, out var value) || (value != l.Value && l.Key != Retention.Root))
            .ToDictionary(l => l.Key, l => l.Value);
        if (missing.Count == 0)
            return blob;
        var kind = blob.Kind;
        blob = await UpdateLabelsAsync(digest, missing, cancellationToken).ConfigureAwait(false);
        if (blob.Kind == CtrContentKind.Unknown)
            blob.Kind = kind;
        return blob;
    }

    /// <summary>Determines the kind of a blob from other blobs and images, if its own labels are not sufficient.</summary>
    private async Task TellKindsAsync(IReadOnlyList<CtrContent> blobs, CancellationToken cancellationToken)
    {
        if (blobs.All(b => b.Kind != CtrContentKind.Unknown))
            return;
        var kinds = ContentKinds.Told(
            await ListPlainAsync(StoreFilter.All, cancellationToken).ConfigureAwait(false),
            await _namespace.ImageRecords.TargetsAsync(cancellationToken).ConfigureAwait(false)
        );
        foreach (var blob in blobs.Where(b => b.Kind == CtrContentKind.Unknown))
            blob.Kind = kinds.GetValueOrDefault(blob.Digest);
    }

    private CtrContent FromWire(Info info) =>
        _namespace.Stamp(
            new CtrContent
            {
                Digest = info.Digest,
                Size = info.Size,
                Kind = ContentKinds.Own(info.Labels),
                CreatedAt = info.CreatedAt.Local() ?? default,
                UpdatedAt = info.UpdatedAt.Local(),
                Labels = new CtrMap(info.Labels),
            }
        );
}
