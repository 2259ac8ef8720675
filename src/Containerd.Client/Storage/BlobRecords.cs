using Containerd.Client.Transport;
using Containerd.Client.Wire.Content;
using Containerd.Host.Errors;
using Containerd.Oci;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Containerd.Client.Storage;

/// <summary>The metadata of a namespace's blobs.</summary>
internal sealed class BlobRecords(StorageScope ns)
{
    private Content.ContentClient Stub => new(ns.Calls(null));

    /// <summary>Reads the metadata of a blob (content.v1 Info).</summary>
    /// <param name="digest">The digest of the blob.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The blob; null if it does not exist in this namespace.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    internal async Task<CtrContent?> FindAsync(string digest, CancellationToken cancellationToken)
    {
        try
        {
            return FromWire(
                (
                    await Stub.InfoAsync(new InfoRequest { Digest = digest }, cancellationToken: cancellationToken)
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

    /// <inheritdoc cref="ContentStore.GetAsync"/>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    internal async Task<CtrContent> GetAsync(string digest, CancellationToken cancellationToken)
    {
        var blob = await FindAsync(ContentDigest.Require(digest), cancellationToken).ConfigureAwait(false)
            ?? throw RpcErrors.NotFound(Resource.Content, digest);
        await AddKindsAsync([blob], cancellationToken).ConfigureAwait(false);
        return blob;
    }

    /// <inheritdoc cref="ContentStore.ListAsync"/>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    internal async Task<IReadOnlyList<CtrContent>> ListAsync(StoreFilter filter, CancellationToken cancellationToken)
    {
        var blobs = await ListPlainAsync(filter, cancellationToken).ConfigureAwait(false);
        await AddKindsAsync(blobs, cancellationToken).ConfigureAwait(false);
        return blobs;
    }

    /// <summary>Lists the blobs without determining their kind.</summary>
    internal async Task<IReadOnlyList<CtrContent>> ListPlainAsync(StoreFilter filter, CancellationToken cancellationToken)
    {
        var request = new ListContentRequest();
        request.Filters.AddRange(filter.ToWire());
        var blobs = new List<CtrContent>();
        try
        {
            using var call = Stub.List(request, cancellationToken: cancellationToken);
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

    /// <inheritdoc cref="ContentStore.UpdateLabelsAsync"/>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    internal async Task<CtrContent> UpdateLabelsAsync(
        string digest,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellationToken
    )
    {
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
                await Stub.UpdateAsync(request, cancellationToken: cancellationToken)
                    .TranslateErrors(Resource.Content, digest)
                    .ConfigureAwait(false)
            ).Info
        );
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
    internal async Task AddKindsAsync(IReadOnlyList<CtrContent> blobs, CancellationToken cancellationToken)
    {
        if (blobs.All(b => b.Kind != CtrContentKind.Unknown))
            return;
        var kinds = ContentKinds.Told(
            await ListPlainAsync(StoreFilter.All, cancellationToken).ConfigureAwait(false),
            await ns.ImageRecords.TargetsAsync(cancellationToken).ConfigureAwait(false)
        );
        foreach (var blob in blobs.Where(b => b.Kind == CtrContentKind.Unknown))
            blob.Kind = kinds.GetValueOrDefault(blob.Digest);
    }

    private CtrContent FromWire(Info info) =>
        ns.Stamp(
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
