using Containerd.Client.Storage;
using Containerd.Client.Transport;
using Containerd.Client.Wire.Leases;
using Containerd.Host;
using Containerd.Host.Errors;
using Containerd.Oci;
using Grpc.Core;
using Resource = Containerd.Client.Transport.Resource;

namespace Containerd.Client;

/// <summary>The leases of a namespace, which keep content and snapshots from the garbage collector while they are being made.</summary>
public sealed class LeaseStore
{
    private readonly StorageScope _namespace;

    internal LeaseStore(StorageScope ns) => _namespace = ns;

    private Leases.LeasesClient Stub => new(_namespace.Calls());

    /// <summary>
    /// A lease for a piece of work: the one that the namespace is used under, else a new one that ends with the work, or by itself after a
    /// while.
    /// </summary>
    /// <param name="expiry">How long a new one lives when nobody deletes it.</param>
    /// <param name="labels">Further labels for a new one; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The lease; a new one is deleted synchronously when it is disposed of.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<LeaseScope> CreateAsync(
        TimeSpan expiry,
        IReadOnlyDictionary<string, string>? labels = null,
        CancellationToken cancellationToken = default
    )
    {
        if (_namespace.Lease is { } outer)
            return new LeaseScope(null, outer);
        // The id is ours, so that a lease can be deleted even when the answer to its creation never came.
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

    /// <summary>An id that no other lease has.</summary>
    /// <returns>A text such as <c>pwsh-…</c>.</returns>
    internal static string NewId() => "pwsh-" + Guid.NewGuid().ToString("N");

    /// <summary>
    /// Creates a lease with a new id, for a caller who deletes it (leases.v1 Create). Nothing of it remains if the caller gives up: a
    /// daemon carries out requests side by side,
    /// so the lease is deleted only when its creation has been answered.
    /// </summary>
    /// <param name="expiry">How long it lives; null or <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
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

    /// <summary>Makes a lease that stays until somebody deletes it, or until it expires (leases.v1 Create).</summary>
    /// <param name="id">Its id.</param>
    /// <param name="expiry">How long it lives; null or <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
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
        // One that ends after the last day of the calendar does not end.
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

    /// <summary>The leases of this namespace with what they hold (leases.v1 List and ListResources).</summary>
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
                // Leases come and go with the work that they are for.
                continue;
            }

            leases.Add(lease);
        }

        return leases;
    }

    /// <summary>One lease with what it holds (leases.v1 List and ListResources).</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The lease.</returns>
    /// <exception cref="CtrNotFoundException">LeaseNotFound.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrLease> GetAsync(string id, CancellationToken cancellationToken = default) =>
        await ListAsync(StoreFilter.All.With("id", id), cancellationToken).ConfigureAwait(false) is [var lease, ..]
            ? lease
            : throw RpcErrors.NotFound(Resource.Lease, id);

    /// <summary>One lease without what it holds (leases.v1 List).</summary>
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

    /// <summary>Deletes a lease (leases.v1 Delete); one that is gone is no error.</summary>
    /// <param name="id">The lease.</param>
    /// <param name="synchronous">Whether to wait until the garbage collector has taken what the lease alone held.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that ends when it is gone.</returns>
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

    /// <summary>Makes a lease of a given name (leases.v1 Create); one that is there already is no error.</summary>
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

    /// <summary>Has a lease hold what another one holds too (leases.v1 ListResources and AddResource).</summary>
    /// <returns>How many things these are.</returns>
    internal async Task<int> AdoptAsync(string id, string from, CancellationToken cancellationToken)
    {
        var held = await ResourcesAsync(from, cancellationToken).ConfigureAwait(false);
        foreach (var resource in held)
            await AddAsync(id, resource.Type, resource.Id, cancellationToken).ConfigureAwait(false);
        return held.Length;
    }

    /// <summary>Removes a lease that nobody works under: an unfinished write would end with it.</summary>
    /// <param name="id">The lease.</param>
    /// <param name="force">Whether unfinished writes may end with it.</param>
    /// <param name="synchronous">Whether to wait until the garbage collector has taken what the lease alone held.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that ends when it is gone.</returns>
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

    /// <summary>Has the daemon's garbage collector run, and waits for it.</summary>
    internal Task CollectAsync(CancellationToken cancellationToken) => CollectAsync(synchronous: true, cancellationToken);

    /// <summary>Has the daemon's garbage collector run.</summary>
    internal async Task CollectAsync(bool synchronous, CancellationToken cancellationToken)
    {
        // Deleting a lease synchronously is the one way to ask for it.
        var lease = await BeginAsync(TimeSpan.FromMinutes(10), cancellationToken: cancellationToken).ConfigureAwait(false);
        await DeleteAsync(lease.Id, synchronous, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The refusal to remove a lease under somebody's work.</summary>
    /// <param name="id">The lease.</param>
    /// <param name="why">What is done under it.</param>
    /// <returns>The error.</returns>
    internal static CtrConflictException InUse(string id, string why) =>
        new($"The lease '{id}' is in use: {why}.")
        {
            ErrorId = ErrorIds.LeaseInUse,
            Subject = id,
            Remedy = "Wait until that has finished, or force the removal: content that only the lease holds is then lost.",
        };

    /// <summary>Has a lease hold something that exists (leases.v1 AddResource).</summary>
    /// <param name="id">The lease.</param>
    /// <param name="resource">What it is to hold.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that ends when the lease holds it.</returns>
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

    /// <summary>Has a lease release something (leases.v1 DeleteResource).</summary>
    /// <param name="id">The lease.</param>
    /// <param name="resource">What it is to release.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that ends when the lease does not hold it.</returns>
    /// <exception cref="CtrNotFoundException">LeaseNotFound, LeaseResourceNotFound.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task RemoveResourceAsync(string id, CtrLeaseResource resource, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        // containerd does not mind a resource that the lease does not hold.
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
