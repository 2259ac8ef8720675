using System.Security.Cryptography;
using Containerd.Client.Transport;
using Containerd.Client.Wire.Content;
using Containerd.Host.Errors;
using Containerd.Host.Files;
using Containerd.Oci;
using Grpc.Core;

namespace Containerd.Client.Storage;

/// <summary>Reads blobs of a namespace.</summary>
internal sealed class BlobReader(StorageScope ns, BlobRecords records)
{
    private Content.ContentClient Stub => new(ns.Calls(null));

    /// <inheritdoc cref="ContentStore.ReadAsync"/>
    internal IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(string digest, CancellationToken cancellationToken) =>
        ReadCoreAsync(digest, cancellationToken).Guarded(cancellationToken);

    /// <inheritdoc cref="ContentStore.ReadAllAsync"/>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    internal async Task<byte[]?> ReadAllAsync(string digest, int maxBytes, CancellationToken cancellationToken)
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

    /// <summary>Like <see cref="ContentStore.CopyAsync"/>, but exceptions of the sink are passed on unchanged.</summary>
    internal async Task CopyAsync(
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

    /// <inheritdoc cref="ContentStore.SaveAsync"/>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    internal async Task SaveAsync(
        string digest,
        string path,
        IProgress<ImageProgress>? progress,
        bool noClobber,
        CancellationToken cancellationToken
    )
    {
        var size = (await records.GetAsync(digest, cancellationToken).ConfigureAwait(false)).Size ?? 0;
        var written = 0L;
        await OutputFile
            .WriteAsync(
                path,
                noClobber,
                async file =>
                    await CopyAsync(
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

    /// <summary>Reads a part of a blob; it is shorter at the end, and empty after it. The digest is not verified.</summary>
    internal async Task<ReadOnlyMemory<byte>> ReadPartAsync(string digest, long offset, int size, CancellationToken cancellationToken)
    {
        var total = (await records.GetAsync(digest, cancellationToken).ConfigureAwait(false)).Size ?? 0;
        if (offset >= total)
            return default;
        var request = new ReadContentRequest
        {
            Digest = digest,
            Offset = offset,
            Size = Math.Min(size, total - offset),
        };
        using var part = new MemoryStream((int)request.Size);
        using var call = Stub.Read(request, cancellationToken: cancellationToken);
        try
        {
            while (await call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false))
                part.Write(call.ResponseStream.Current.Data.Span);
        }
        catch (RpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw RpcErrors.Translate(e, Resource.Content, digest);
        }

        return part.GetBuffer().AsMemory(0, (int)part.Length);
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadCoreAsync(
        string digest,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var call = Stub.Read(new ReadContentRequest { Digest = digest }, cancellationToken: cancellationToken);
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
}
