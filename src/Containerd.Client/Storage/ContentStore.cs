using Containerd.Client.Storage;
using Containerd.Client.Transport;
using Containerd.Client.Wire.Content;
using Containerd.Host.Errors;
using Containerd.Oci;

namespace Containerd.Client;

/// <summary>The blobs of a namespace, by digest: manifests, configs and layers of images.</summary>
public sealed class ContentStore
{
    private readonly StorageScope _namespace;

    internal ContentStore(StorageScope ns)
    {
        _namespace = ns;
        Records = new BlobRecords(ns);
        Ingests = new IngestRecords(ns);
        Reader = new BlobReader(ns, Records);
        Writer = new BlobWriter(ns, Ingests);
    }

    /// <summary>The metadata of the blobs.</summary>
    internal BlobRecords Records { get; }

    /// <summary>The unfinished writes.</summary>
    internal IngestRecords Ingests { get; }

    /// <summary>Reads blobs.</summary>
    internal BlobReader Reader { get; }

    /// <summary>Writes blobs.</summary>
    internal BlobWriter Writer { get; }

    /// <summary>The blobs of this namespace (content.v1 List).</summary>
    /// <param name="filter">Which ones.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The blobs, by digest.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrContent>> ListAsync(StoreFilter filter, CancellationToken cancellationToken = default) =>
        await Records.ListAsync(filter, cancellationToken).ConfigureAwait(false);

    /// <summary>One blob (content.v1 Info).</summary>
    /// <param name="digest">Its digest.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The blob.</returns>
    /// <exception cref="CtrNotFoundException">ContentNotFound.</exception>
    /// <exception cref="CtrArgumentException">InvalidDigest.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrContent> GetAsync(string digest, CancellationToken cancellationToken = default) =>
        await Records.GetAsync(digest, cancellationToken).ConfigureAwait(false);

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
        await Records.AddKindsAsync(blobs, cancellationToken).ConfigureAwait(false);
        return blobs;
    }

    /// <summary>Reads a blob (content.v1 Read).</summary>
    /// <param name="digest">Its digest.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>Its bytes, in chunks, not compared with the digest.</returns>
    /// <exception cref="CtrNotFoundException">ContentNotFound.</exception>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(string digest, CancellationToken cancellationToken = default) =>
        Reader.ReadAsync(digest, cancellationToken);

    /// <summary>Reads a small blob completely (content.v1 Read).</summary>
    /// <param name="digest">The digest of the blob.</param>
    /// <param name="maxBytes">The size limit.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>Its bytes; null if it does not exist in this namespace.</returns>
    /// <exception cref="CtrDataException">ContentTooLarge: the blob is larger than that.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<byte[]?> ReadAllAsync(string digest, int maxBytes, CancellationToken cancellationToken = default) =>
        await Reader.ReadAllAsync(digest, maxBytes, cancellationToken).ConfigureAwait(false);

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
        await Reader.CopyAsync(digest, sink, cancellationToken).ConfigureAwait(false);
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
        await Reader.SaveAsync(digest, path, progress, noClobber, cancellationToken).ConfigureAwait(false);
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
    /// <param name="cancellationToken">The token to monitor for cancellation requests. Cancellation aborts the write.</param>
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
        return await Writer.WriteAsync(reference, data, size, expected, lease, labels, progress, cancellationToken).ConfigureAwait(false);
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
    /// <param name="cancellationToken">The token to monitor for cancellation requests. Cancellation aborts the write.</param>
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
        var digest = await Writer
            .WriteAsync(reference ?? $"import-{Guid.NewGuid():N}", data, size, expected, null, kept, progress, cancellationToken)
            .ConfigureAwait(false);
        return await Records.KeepAsync(digest, kept, cancellationToken).ConfigureAwait(false);
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
        return await Records.UpdateLabelsAsync(digest, labels, cancellationToken).ConfigureAwait(false);
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

        await new Content.ContentClient(_namespace.Calls(null))
            .DeleteAsync(new DeleteContentRequest { Digest = digest }, cancellationToken: cancellationToken)
            .TranslateErrors(Resource.Content, digest)
            .ConfigureAwait(false);
    }

    /// <summary>The unfinished writes of this namespace (content.v1 ListStatuses).</summary>
    /// <param name="filter">Which ones; they have no labels.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The writes, by reference.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrIngest>> ListIngestsAsync(StoreFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return await Ingests.ListAsync(filter, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>One unfinished write (content.v1 Status).</summary>
    /// <param name="reference">Its name.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The write.</returns>
    /// <exception cref="CtrNotFoundException">IngestNotFound.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrIngest> GetIngestAsync(string reference, CancellationToken cancellationToken = default) =>
        await Ingests.GetAsync(reference, cancellationToken).ConfigureAwait(false);

    /// <summary>Removes an unfinished write (content.v1 Abort); a client that is still writing it gets an error.</summary>
    /// <param name="reference">Its name.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that completes when it is removed.</returns>
    /// <exception cref="CtrNotFoundException">IngestNotFound.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task RemoveIngestAsync(string reference, CancellationToken cancellationToken = default) =>
        await Ingests.RemoveAsync(reference, cancellationToken).ConfigureAwait(false);
}
