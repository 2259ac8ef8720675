using Containerd.Client.Transport;
using Containerd.Client.Wire.Content;
using Containerd.Host.Errors;
using Grpc.Core;

namespace Containerd.Client;

public sealed partial class ContentStore
{
    /// <summary>The unfinished writes of this namespace (content.v1 ListStatuses).</summary>
    /// <param name="filter">Which ones; they have no labels.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The writes, by reference.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrIngest>> ListIngestsAsync(StoreFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var request = new ListStatusesRequest();
        request.Filters.AddRange(filter.ToWire());
        var answer = await Stub()
            .ListStatusesAsync(request, cancellationToken: cancellationToken)
            .TranslateErrors(Resource.Ingest)
            .ConfigureAwait(false);
        return [.. answer.Statuses.Select(FromWire).OrderBy(i => i.Reference, StringComparer.Ordinal)];
    }

    /// <summary>One unfinished write (content.v1 Status).</summary>
    /// <param name="reference">Its name.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The write.</returns>
    /// <exception cref="CtrNotFoundException">IngestNotFound.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrIngest> GetIngestAsync(string reference, CancellationToken cancellationToken = default) =>
        FromWire(
            (
                await Stub()
                    .StatusAsync(new StatusRequest { Ref = reference }, cancellationToken: cancellationToken)
                    .TranslateErrors(Resource.Ingest, reference)
                    .ConfigureAwait(false)
            ).Status
        );

    /// <summary>Removes an unfinished write (content.v1 Abort); a client that is still writing it gets an error.</summary>
    /// <param name="reference">Its name.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that completes when it is removed.</returns>
    /// <exception cref="CtrNotFoundException">IngestNotFound.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task RemoveIngestAsync(string reference, CancellationToken cancellationToken = default)
    {
        for (var delay = 10; ; delay *= 2)
        {
            try
            {
                await Stub()
                    .AbortAsync(new AbortRequest { Ref = reference }, cancellationToken: cancellationToken)
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

    /// <summary>Whether the daemon is still writing: it may not have detected the end of the writer's call yet.</summary>
    private static bool IsBeingWritten(RpcException error) =>
        error.StatusCode == StatusCode.Unavailable
        || (error.StatusCode == StatusCode.Unknown && error.Status.Detail.Contains("directory not empty", StringComparison.Ordinal));

    private CtrIngest FromWire(Wire.Content.Status status) =>
        _namespace.Stamp(
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
