using Containerd.Client.Storage;
using Containerd.Client.Transport;
using Containerd.Client.Wire.Leases;
using Containerd.Host;
using Containerd.Host.Errors;
using Containerd.Oci;
using Grpc.Core;
using Resource = Containerd.Client.Transport.Resource;

namespace Containerd.Client;

/// <summary>The leases of a namespace, which protect content and snapshots from the garbage collector.</summary>
public sealed class LeaseStore
{
    private static readonly TimeSpan CollectionExpiry = TimeSpan.FromHours(1);

    private readonly StorageScope _namespace;

    internal LeaseStore(StorageScope ns) => _namespace = ns;

    private Leases.LeasesClient Stub => new(_namespace.Calls());

    /// <summary>Waits until the garbage collector has run: the deletion of a lease can wait for it.</summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    internal async Task CollectGarbageAsync(CancellationToken cancellationToken)
    {
        // Without the lease of the caller, which would be used instead of a new one.
        var leases = new StorageScope(_namespace.Connection, _namespace.Namespace).Leases;
        var lease = await leases.CreateAsync(CollectionExpiry, cancellationToken: cancellationToken).ConfigureAwait(false);
        await lease.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// Returns a lease for an operation: that of the namespace view, or else a new one that is deleted after the operation, or expires.
    /// </summary>
    /// <param name="expiry">The expiry of a new lease.</param>
    /// <param name="labels">Additional labels for a new lease; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The lease; a new one is deleted synchronously when it is disposed.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<LeaseScope> CreateAsync(
        TimeSpan expiry,
        IReadOnlyDictionary<string, string>? labels = null,
        CancellationToken cancellationToken = default
    )
    {
        if (_namespace.Lease is { } outer)
            return new LeaseScope(null, outer);
        // The id is generated here, so that a lease can be deleted even if the answer to its creation never arrives.
        var id = NewId();
        try
        {
            await BackgroundWork
                .CompleteOrUndoAsync(
                    stop => CreateAsync(id, expiry, labels, stop),
                    deadline => DeleteAsync(id, synchronous: true, deadline),
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
        catch
        {
            await new LeaseScope(this, id).DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return new LeaseScope(this, id);
    }

    /// <summary>A unique id for a lease.</summary>
    /// <returns>A text such as <c>pwsh-…</c>.</returns>
    internal static string NewId() => "pwsh-" + Guid.NewGuid().ToString("N");

    /// <summary>
    /// Creates a lease with a new id, for a caller who deletes it (leases.v1 Create). It is not left behind if the caller cancels: a daemon
    /// processes requests concurrently, so the lease is deleted only after its creation has been answered.
    /// </summary>
    /// <param name="expiry">Its expiry; null or <see cref="Timeout.InfiniteTimeSpan"/> for none.</param>
    /// <param name="labels">Its labels; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The lease.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    internal async Task<CtrLease> BeginAsync(
        TimeSpan? expiry,
        IReadOnlyDictionary<string, string>? labels = null,
        CancellationToken cancellationToken = default
    )
    {
        var id = NewId();
        var creating = BackgroundWork.CompleteOrUndoAsync(
            stop => CreateAsync(id, expiry, labels, stop),
            deadline => DeleteAsync(id, synchronous: true, deadline),
            cancellationToken
        );
        return await BackgroundWork.Track(creating, _namespace.Connection, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Creates a lease that exists until it is deleted or expires (leases.v1 Create).</summary>
    /// <param name="id">Its id.</param>
    /// <param name="expiry">Its expiry; null or <see cref="Timeout.InfiniteTimeSpan"/> for none.</param>
    /// <param name="labels">Its labels; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The lease.</returns>
    /// <exception cref="CtrConflictException">LeaseExists.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrLease> CreateAsync(
        string id,
        TimeSpan? expiry,
        IReadOnlyDictionary<string, string>? labels = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        var request = new CreateRequest { Id = id };
        foreach (var (key, value) in labels ?? new Dictionary<string, string>())
            request.Labels[key] = value;
        // An expiry after the last day of the calendar means none.
        if (expiry is { } life && LongTime.After(life) is { } end)
            request.Labels[Retention.Expire] = Retention.Time(end);
        return FromWire(
            (
                await Stub.CreateAsync(request, cancellationToken: cancellationToken)
                    .TranslateErrors(Resource.Lease, id)
                    .ConfigureAwait(false)
            ).Lease
        );
    }

    /// <summary>Lists the leases of this namespace with their resources (leases.v1 List and ListResources).</summary>
    /// <param name="filter">Which ones.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The leases, by id.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrLease>> ListAsync(StoreFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var request = new ListRequest();
        request.Filters.AddRange(filter.ToWire());
        var answer = await Stub.ListAsync(request, cancellationToken: cancellationToken)
            .TranslateErrors(Resource.Lease)
            .ConfigureAwait(false);
        var leases = new List<CtrLease>();
        foreach (var lease in answer.Leases.Select(FromWire).Where(l => filter.Wants(l.Labels)).OrderBy(l => l.Id, StringComparer.Ordinal))
        {
            try
            {
                lease.Resources = await ResourcesAsync(lease.Id, cancellationToken).ConfigureAwait(false);
            }
            catch (CtrNotFoundException)
            {
                // Leases may be deleted concurrently.
                continue;
            }

            leases.Add(lease);
        }

        return leases;
    }

    /// <summary>Reads a lease with its resources (leases.v1 List and ListResources).</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The lease.</returns>
    /// <exception cref="CtrNotFoundException">LeaseNotFound.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrLease> GetAsync(string id, CancellationToken cancellationToken = default) =>
        await ListAsync(StoreFilter.All.With("id", id), cancellationToken).ConfigureAwait(false) is [var lease, ..]
            ? lease
            : throw RpcErrors.NotFound(Resource.Lease, id);

    /// <summary>Reads a lease without its resources (leases.v1 List).</summary>
    /// <returns>The lease; null for none.</returns>
    internal async Task<CtrLease?> FindAsync(string id, CancellationToken cancellationToken)
    {
        var request = new ListRequest();
        request.Filters.AddRange(StoreFilter.All.With("id", id).ToWire());
        var answer = await Stub.ListAsync(request, cancellationToken: cancellationToken)
            .TranslateErrors(Resource.Lease)
            .ConfigureAwait(false);
        return answer.Leases.Select(FromWire).FirstOrDefault();
    }

    /// <summary>Deletes a lease (leases.v1 Delete); a lease that does not exist is not an error.</summary>
    /// <param name="id">The lease.</param>
    /// <param name="synchronous">Whether to wait until the garbage collector has removed the content that only the lease held.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that completes when it is removed.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    internal async Task DeleteAsync(string id, bool synchronous, CancellationToken cancellationToken = default)
    {
        try
        {
            await Stub.DeleteAsync(new DeleteRequest { Id = id, Sync = synchronous }, cancellationToken: cancellationToken)
                .ResponseAsync.ConfigureAwait(false);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound) { }
        catch (RpcException e)
        {
            throw RpcErrors.Translate(e, Resource.Lease, id);
        }
    }

    /// <summary>Creates a lease with a given id (leases.v1 Create); an existing one is not an error.</summary>
    internal async Task EnsureAsync(
        string id,
        TimeSpan expiry,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await CreateAsync(id, expiry, labels, cancellationToken).ConfigureAwait(false);
        }
        catch (CtrConflictException) { }
    }

    /// <summary>Adds the resources of another lease to a lease (leases.v1 ListResources and AddResource).</summary>
    /// <returns>The number of resources.</returns>
    internal async Task<int> AdoptAsync(string id, string from, CancellationToken cancellationToken)
    {
        var held = await ResourcesAsync(from, cancellationToken).ConfigureAwait(false);
        foreach (var resource in held)
            await AddAsync(id, resource.Type, resource.Id, cancellationToken).ConfigureAwait(false);
        return held.Length;
    }

    /// <summary>Removes a lease that is not in use: an unfinished write would be removed with it.</summary>
    /// <param name="id">The lease.</param>
    /// <param name="force">Whether unfinished writes may be removed with it.</param>
    /// <param name="synchronous">Whether to wait until the garbage collector has removed the content that only the lease held.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that completes when it is removed.</returns>
    /// <exception cref="CtrNotFoundException">LeaseNotFound.</exception>
    /// <exception cref="CtrConflictException">LeaseInUse, or LeaseIsName: it reserves the name of a container that exists.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task RemoveAsync(string id, bool force, bool synchronous, CancellationToken cancellationToken = default)
    {
        var lease = await GetAsync(id, cancellationToken).ConfigureAwait(false);
        if (await IsNameOfContainerAsync(lease, cancellationToken).ConfigureAwait(false))
        {
            throw new CtrConflictException(
                $"The lease '{id}' reserves the name '{lease.ContainerName}' of container '{lease.ContainerId}'."
            )
            {
                ErrorId = ErrorIds.LeaseIsName,
                Subject = id,
                Remedy = "Remove or rename the container: the lease is then removed too.",
            };
        }

        if (
            !force
            && lease.Resources.Where(r => r.Type == "ingests").Select(r => r.Id).ToHashSet(StringComparer.Ordinal) is { Count: > 0 } held
        )
        {
            var written = (await _namespace.Content.ListIngestsAsync(StoreFilter.All, cancellationToken).ConfigureAwait(false))
                .Where(i => held.Contains(i.Reference))
                .ToList();
            if (written.Count > 0)
                throw InUse(id, $"something is being written under it: {string.Join(", ", written.Select(i => $"'{i.Reference}'"))}");
        }

        await DeleteAsync(id, synchronous, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs the daemon's garbage collector, and waits for it.</summary>
    internal Task CollectAsync(CancellationToken cancellationToken) => CollectAsync(synchronous: true, cancellationToken);

    /// <summary>Runs the daemon's garbage collector.</summary>
    internal async Task CollectAsync(bool synchronous, CancellationToken cancellationToken)
    {
        // Deleting a lease synchronously is the only way to run it.
        var lease = await BeginAsync(TimeSpan.FromMinutes(10), cancellationToken: cancellationToken).ConfigureAwait(false);
        await DeleteAsync(lease.Id, synchronous, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The error for a lease that is in use.</summary>
    /// <param name="id">The lease.</param>
    /// <param name="why">How it is used.</param>
    /// <returns>The error.</returns>
    internal static CtrConflictException InUse(string id, string why) =>
        new($"The lease '{id}' is in use: {why}.")
        {
            ErrorId = ErrorIds.LeaseInUse,
            Subject = id,
            Remedy = "Wait until that has finished, or force the removal: content that only the lease holds is then lost.",
        };

    /// <summary>Adds an existing resource to a lease (leases.v1 AddResource).</summary>
    /// <param name="id">The lease.</param>
    /// <param name="resource">The resource.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that completes when the lease holds it.</returns>
    /// <exception cref="CtrNotFoundException">
    /// LeaseNotFound, or what is to be held does not exist: ContentNotFound, SnapshotNotFound, SnapshotterNotFound.
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task AddResourceAsync(string id, CtrLeaseResource resource, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        const string Snapshots = "snapshots/";
        // containerd accepts any name.
        if (resource.Type == "content")
            await _namespace.Content.GetAsync(ContentDigest.Require(resource.Id), cancellationToken).ConfigureAwait(false);
        else if (resource.Type.StartsWith(Snapshots, StringComparison.Ordinal))
            await _namespace.Snapshots.GetAsync(resource.Type[Snapshots.Length..], resource.Id, cancellationToken).ConfigureAwait(false);
        await AddAsync(id, resource.Type, resource.Id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes a resource from a lease (leases.v1 DeleteResource).</summary>
    /// <param name="id">The lease.</param>
    /// <param name="resource">The resource.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that completes when the lease no longer holds it.</returns>
    /// <exception cref="CtrNotFoundException">LeaseNotFound, LeaseResourceNotFound.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task RemoveResourceAsync(string id, CtrLeaseResource resource, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        // containerd accepts a resource that the lease does not hold.
        if (
            !(await GetAsync(id, cancellationToken).ConfigureAwait(false)).Resources.Any(r =>
                r.Type == resource.Type && r.Id == resource.Id
            )
        )
        {
            throw new CtrNotFoundException($"The lease '{id}' does not hold {resource}.")
            {
                ErrorId = ErrorIds.LeaseResourceNotFound,
                Subject = resource.Id,
                Remedy = "The lease's Resources list what it holds.",
            };
        }

        await Stub.DeleteResourceAsync(
                new DeleteResourceRequest
                {
                    Id = id,
                    Resource = new Wire.Leases.Resource { Id = resource.Id, Type = resource.Type },
                },
                cancellationToken: cancellationToken
            )
            .TranslateErrors(Resource.Lease, id)
            .ConfigureAwait(false);
    }

    /// <summary>Whether a lease reserves the name of a container that exists.</summary>
    private async Task<bool> IsNameOfContainerAsync(CtrLease lease, CancellationToken cancellationToken) =>
        lease.ContainerName is { } name
        && NameLease.HolderOf(lease) is { } holder
        && await _namespace.ContainerRecords.HasNameAsync(holder, name, cancellationToken).ConfigureAwait(false);

    internal async Task AddAsync(string id, string type, string resource, CancellationToken cancellationToken) =>
        await Stub.AddResourceAsync(
                new AddResourceRequest
                {
                    Id = id,
                    Resource = new Wire.Leases.Resource { Id = resource, Type = type },
                },
                cancellationToken: cancellationToken
            )
            .TranslateErrors(Resource.Lease, id)
            .ConfigureAwait(false);

    private async Task<CtrLeaseResource[]> ResourcesAsync(string id, CancellationToken cancellationToken)
    {
        var answer = await Stub.ListResourcesAsync(new ListResourcesRequest { Id = id }, cancellationToken: cancellationToken)
            .TranslateErrors(Resource.Lease, id)
            .ConfigureAwait(false);
        return [.. answer.Resources.Select(r => new CtrLeaseResource { Type = r.Type, Id = r.Id })];
    }

    private CtrLease FromWire(Lease lease) =>
        _namespace.Stamp(
            new CtrLease
            {
                Id = lease.Id,
                CreatedAt = lease.CreatedAt.Local() ?? default,
                ExpiresAt = Retention.ExpiresAt(lease.Labels),
                ContainerName = NameLease.NameOf(lease.Id, lease.Labels),
                ContainerId = NameLease.NameOf(lease.Id, lease.Labels) is null ? null : lease.Labels[NameLease.Container],
                Labels = new CtrMap(lease.Labels),
            }
        );
}
