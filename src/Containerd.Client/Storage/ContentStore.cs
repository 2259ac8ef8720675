using System.Buffers;
using System.Security.Cryptography;
using Containerd.Client.Wire.Content;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Containerd.Client;

/// <summary>The blobs of a namespace, by digest: manifests, configs and layers of images.</summary>
public sealed class ContentStore
{
    // What Go's clients send; a message may be 16 MiB at most.
    private const int ChunkSize = 1 << 20;
    private static readonly TimeSpan CleanUpDeadline = TimeSpan.FromSeconds(30);
    private readonly NamespaceClient _namespace;

    /// <summary>Makes the view of one namespace's content.</summary>
    /// <param name="ns">The namespace.</param>
    public ContentStore(NamespaceClient ns)
    {
        ArgumentNullException.ThrowIfNull(ns);
        _namespace = ns;
    }

    private Content.ContentClient Stub(string? lease = null) => new(_namespace.Calls(lease));

    /// <summary>What containerd knows about a blob (content.v1 Info).</summary>
    /// <param name="digest">The blob's digest.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The blob; null when this namespace has none with that digest.</returns>
    public async Task<ContentInfo?> InfoAsync(string digest, CancellationToken cancellationToken = default)
    {
        try
        {
            var info = (await Stub().InfoAsync(new InfoRequest { Digest = digest }, cancellationToken: cancellationToken)).Info;
            return new ContentInfo(info.Digest, info.Size, new Dictionary<string, string>(info.Labels));
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

    /// <summary>Reads a small blob whole (content.v1 Read).</summary>
    /// <param name="digest">The blob's digest.</param>
    /// <param name="maxBytes">The most to read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Its bytes; null when this namespace has none with that digest.</returns>
    /// <exception cref="CtrDataException">ContentTooLarge: the blob is larger than that.</exception>
    public async Task<byte[]?> ReadAllAsync(string digest, int maxBytes, CancellationToken cancellationToken = default)
    {
        using var memory = new MemoryStream();
        try
        {
            using var call = Stub().Read(new ReadContentRequest { Digest = digest }, cancellationToken: cancellationToken);
            while (await call.ResponseStream.MoveNext(cancellationToken))
            {
                var data = call.ResponseStream.Current.Data;
                if (memory.Length + data.Length > maxBytes) throw new CtrDataException($"The blob {digest} is larger than {maxBytes} bytes.") { ErrorId = "ContentTooLarge", Subject = digest };
                data.WriteTo(memory);
            }
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
        catch (RpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw RpcErrors.Translate(e, Resource.Content, digest);
        }

        return memory.ToArray();
    }

    /// <summary>Writes a blob (content.v1 Write). One that the store has already is not sent again, but its data is read to the end and compared.</summary>
    /// <param name="reference">The write's name, unique to this writer.</param>
    /// <param name="data">The blob's bytes.</param>
    /// <param name="size">How many there are.</param>
    /// <param name="expected">The digest that they must have; null when it is not known.</param>
    /// <param name="lease">The lease that holds the blob.</param>
    /// <param name="labels">Labels for a new blob; null for none.</param>
    /// <param name="cancellationToken">Gives up; what was begun is aborted.</param>
    /// <returns>The blob's digest.</returns>
    /// <exception cref="CtrDataException">DigestMismatch, or DataTruncated when the data ends early.</exception>
    public async Task<string> WriteAsync(
        string reference, Stream data, long size, string? expected, string? lease, IReadOnlyDictionary<string, string>? labels = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
        var committed = false;
        try
        {
            var digest = await WriteCoreAsync(new Source(data, size, buffer), reference, expected, lease, labels, cancellationToken);
            committed = true;
            return digest;
        }
        catch (RpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw RpcErrors.Translate(e, Resource.Content, expected ?? reference);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (!committed) await AbortAsync(reference);
        }
    }

    /// <summary>Sets labels of a blob (content.v1 Update); its other labels stay.</summary>
    /// <param name="digest">The blob's digest.</param>
    /// <param name="labels">The labels to set.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A task that ends when they are set.</returns>
    /// <exception cref="CtrNotFoundException">ContentNotFound.</exception>
    public async Task UpdateLabelsAsync(string digest, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Count == 0) return;
        var request = new UpdateRequest { Info = new Info { Digest = digest }, UpdateMask = new FieldMask() };
        foreach (var (key, value) in labels)
        {
            request.Info.Labels[key] = value;
            request.UpdateMask.Paths.Add("labels." + key);
        }

        await Stub().UpdateAsync(request, cancellationToken: cancellationToken).About(Resource.Content, digest);
    }

    private async Task<string> WriteCoreAsync(
        Source source, string reference, string? expected, string? lease, IReadOnlyDictionary<string, string>? labels, CancellationToken cancellationToken)
    {
        using var call = Stub(lease).Write(cancellationToken: cancellationToken);
        async Task<WriteContentResponse> Ask(WriteContentRequest request)
        {
            try
            {
                await call.RequestStream.WriteAsync(request, cancellationToken);
            }
            catch (Exception e) when (e is InvalidOperationException || e is RpcException { StatusCode: StatusCode.OK })
            {
                // The daemon ended the call early; why is what reading its answer says.
            }

            if (!await call.ResponseStream.MoveNext(cancellationToken)) throw new RpcException(new Grpc.Core.Status(StatusCode.Internal, "the daemon ended a write without an answer"));
            return call.ResponseStream.Current;
        }

        try
        {
            var state = await Ask(new WriteContentRequest { Action = WriteAction.Stat, Ref = reference, Total = source.Size, Expected = expected ?? "" });

            // Content that another namespace has already needs no bytes: the store says that it stands at its end.
            await source.SkipAsync(state.Offset, cancellationToken);
            while (true)
            {
                var offset = source.Offset;
                var chunk = await source.ReadAsync(cancellationToken);
                var last = source.Offset == source.Size;
                var request = new WriteContentRequest
                {
                    Action = last ? WriteAction.Commit : WriteAction.Write,
                    Offset = offset,
                    Data = UnsafeByteOperations.UnsafeWrap(chunk),
                };
                if (last)
                {
                    request.Expected = source.Digest(expected);
                    request.Total = source.Size;
                    foreach (var (key, value) in labels ?? new Dictionary<string, string>()) request.Labels[key] = value;
                }

                await Ask(request);
                if (last) return request.Expected;
            }
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.AlreadyExists)
        {
            await source.SkipAsync(source.Size, cancellationToken);
            return source.Digest(expected);
        }
    }

    // The daemon may still hold the write's lock while it notices that our call has ended.
    private async Task AbortAsync(string reference)
    {
        using var deadline = new CancellationTokenSource(CleanUpDeadline);
        for (var delay = 10; ; delay *= 2)
        {
            try
            {
                await Stub().AbortAsync(new AbortRequest { Ref = reference }, cancellationToken: deadline.Token);
                return;
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable && delay < 1000)
            {
                await Task.Delay(delay);
            }
            catch (RpcException)
            {
                // Gone already; or the daemon is, and the ingest goes with its lease.
                return;
            }
        }
    }

    /// <summary>The bytes to write, counted and hashed on their way.</summary>
    private sealed class Source(Stream stream, long size, byte[] buffer)
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private string? _digest;

        public long Size => size;

        public long Offset { get; private set; }

        public async Task<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
        {
            var wanted = (int)Math.Min(Math.Min(buffer.Length, ChunkSize), size - Offset);
            var read = await stream.ReadAtLeastAsync(buffer.AsMemory(0, wanted), wanted, throwOnEndOfStream: false, cancellationToken);
            if (read < wanted) throw new CtrDataException($"The data ends after {Offset + read} of {size} bytes.") { ErrorId = "DataTruncated" };
            _hash.AppendData(buffer, 0, read);
            Offset += read;
            return buffer.AsMemory(0, read);
        }

        public async Task SkipAsync(long to, CancellationToken cancellationToken)
        {
            while (Offset < Math.Min(to, size)) await ReadAsync(cancellationToken);
        }

        /// <summary>The digest of all bytes, checked once they were read.</summary>
        public string Digest(string? expected)
        {
            if (_digest is null)
            {
                _digest = "sha256:" + Convert.ToHexString(_hash.GetHashAndReset()).ToLowerInvariant();
                _hash.Dispose();
            }

            return expected is null || expected == _digest
                ? _digest
                : throw new CtrDataException($"The data has the digest {_digest}, not {expected}.") { ErrorId = "DigestMismatch", Subject = expected };
        }
    }
}
