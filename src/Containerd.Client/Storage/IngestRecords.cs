using Containerd.Client.Transport;
using Containerd.Client.Wire.Content;
using Containerd.Host.Errors;
using Grpc.Core;

namespace Containerd.Client.Storage;

/// <summary>The unfinished writes of a namespace.</summary>
internal sealed class IngestRecords(StorageScope ns)
{
    private Content.ContentClient Stub => new(ns.Calls(null));

    /// <inheritdoc cref="ContentStore.ListIngestsAsync"/>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    internal async Task<IReadOnlyList<CtrIngest>> ListAsync(StoreFilter filter, CancellationToken cancellationToken)
    {
        var request = new ListStatusesRequest();
        request.Filters.AddRange(filter.ToWire());
        var answer = await Stub.ListStatusesAsync(request, cancellationToken: cancellationToken)
            .TranslateErrors(Resource.Ingest)
            .ConfigureAwait(false);
        return [.. answer.Statuses.Select(FromWire).OrderBy(i => i.Reference, StringComparer.Ordinal)];
    }

    /// <inheritdoc cref="ContentStore.GetIngestAsync"/>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    internal async Task<CtrIngest> GetAsync(string reference, CancellationToken cancellationToken) =>
        FromWire(
            (
                await Stub.StatusAsync(new StatusRequest { Ref = reference }, cancellationToken: cancellationToken)
                    .TranslateErrors(Resource.Ingest, reference)
                    .ConfigureAwait(false)
            ).Status
        );

    /// <inheritdoc cref="ContentStore.RemoveIngestAsync"/>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    internal async Task RemoveAsync(string reference, CancellationToken cancellationToken)
    {
        for (var delay = 10; ; delay *= 2)
        {
            try
            {
                await Stub.AbortAsync(new AbortRequest { Ref = reference }, cancellationToken: cancellationToken)
                    .ResponseAsync.ConfigureAwait(false);
                return;
            }
            catch (RpcException e) when (delay < 2000 && IsBeingWritten(e))
            {
                await Task.Delay(delay, cancellationToken).ConfigureAwait(false);
            }
            catch (RpcException e)
            {
                throw RpcErrors.Translate(e, Resource.Ingest, reference);
            }
        }
    }

    /// <summary>Removes an unfinished write (content.v1 Abort), with a separate deadline.</summary>
    internal async Task AbortAsync(string reference)
    {
        using var deadline = new CancellationTokenSource(BackgroundWork.CleanUpDeadline);
        try
        {
            await RemoveAsync(reference, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException)
        {
            // Already removed; or the daemon is unavailable, and the ingest is removed with its lease.
        }
    }

    /// <summary>Whether the daemon is still writing: it may not have detected the end of the writer's call yet.</summary>
    private static bool IsBeingWritten(RpcException error) =>
        error.StatusCode == StatusCode.Unavailable
        || (error.StatusCode == StatusCode.Unknown && error.Status.Detail.Contains("directory not empty", StringComparison.Ordinal));

    private CtrIngest FromWire(Wire.Content.Status status) =>
        ns.Stamp(
            new CtrIngest
            {
                Reference = status.Ref,
                Offset = status.Offset,
                Total = status.Total > 0 ? status.Total : null,
                Expected = status.Expected,
                StartedAt = status.StartedAt.Local() ?? default,
                UpdatedAt = status.UpdatedAt.Local() ?? default,
            }
        );
}
