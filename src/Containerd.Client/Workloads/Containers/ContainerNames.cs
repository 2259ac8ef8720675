using Containerd.Client.Images;
using Containerd.Client.Records;
using Containerd.Client.Storage;
using Containerd.Client.Transport;
using Containerd.Host.Errors;
using Grpc.Core;
using WireContainers = Containerd.Client.Wire.Containers;

namespace Containerd.Client;

/// <summary>
/// The names of a namespace's containers. A name is reserved by a lease (<see cref="NameLease"/>) and shown by the container's label
/// <c>nerdctl/name</c>, which nerdctl reads too. The lease makes the name unique, and the label is used to find the container.
/// </summary>
public sealed class ContainerNames
{
    private const int MostCandidates = 10;
    private static readonly TimeSpan TakeoverExpiry = TimeSpan.FromHours(1);
    private static readonly TimeSpan TakeoverPatience = TimeSpan.FromSeconds(5);

    private readonly ImageScope _ns;

    internal ContainerNames(ImageScope ns) => _ns = ns;

    /// <summary>
    /// How long a name is kept for a container that does not exist: its creator reserves the name just before it creates the container. By
    /// the daemon's clock.
    /// </summary>
    internal TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(10);

    private WireContainers.Containers.ContainersClient Stub => new(_ns.Calls());

    /// <summary>
    /// Resolves the id of the container for a text: an id, or else a name, or else the first digits of a generated id. Names are looked up
    /// only if no container has that id.
    /// </summary>
    /// <param name="text">An id, a name, or at least three digits of a generated id.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The id; the text itself if it does not identify a container.</returns>
    /// <exception cref="CtrArgumentException">AmbiguousId: several containers can be meant.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<string> ResolveAsync(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!ContainerdNames.IsValid(text))
            return text;
        try
        {
            await _ns.ContainerRecords.GetWireAsync(text, cancellationToken).ConfigureAwait(false);
            return text;
        }
        catch (CtrNotFoundException)
        {
            return await FindAsync(text, cancellationToken).ConfigureAwait(false) ?? text;
        }
    }

    /// <summary>The names of all containers that have one.</summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The names, by the containers' ids.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyDictionary<string, string>> ListAsync(CancellationToken cancellationToken = default) =>
        (await ListAsync([$"labels.{StoreFilter.Quote(ContainerLabels.Name)}"], cancellationToken).ConfigureAwait(false))
            .Where(c => ContainerLabels.NameOf(c.Labels) is not null)
            .ToDictionary(c => c.Id, c => ContainerLabels.NameOf(c.Labels)!, StringComparer.Ordinal);

    /// <summary>Renames a container: the new name is reserved first, and the old one is released last.</summary>
    /// <param name="id">The id of the container.</param>
    /// <param name="name">The new name.</param>
    /// <param name="cancellationToken">
    /// The token to monitor for cancellation requests. Before the new name is reserved, nothing changes.
    /// </param>
    /// <returns>The changed container.</returns>
    /// <exception cref="CtrNotFoundException">ContainerNotFound.</exception>
    /// <exception cref="CtrConflictException">NameExists: another container has it as its name or id.</exception>
    /// <exception cref="CtrArgumentException">InvalidName.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrContainer> RenameAsync(string id, string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        ContainerdNames.RequireName(name);
        var old = ContainerLabels.NameOf((await _ns.ContainerRecords.GetWireAsync(id, cancellationToken).ConfigureAwait(false)).Labels);
        if (name == old)
        {
            // Another program may have set the label, or deleted the lease.
            await ConfirmAsync(name, id, cancellationToken).ConfigureAwait(false);
            return await _ns.ContainerRecords.GetAsync(id, cancellationToken).ConfigureAwait(false);
        }

        await ReserveAsync(name, id, cancellationToken).ConfigureAwait(false);
        CtrContainer renamed;
        try
        {
            // A change in progress is not cancelled, so nothing here depends on whether the caller waits for it.
            renamed = await _ns
                .ContainerRecords.PutLabelAsync(id, ContainerLabels.Name, name, CancellationToken.None)
                .ConfigureAwait(false);
        }
        catch (CtrException e) when (!e.IsUnanswered())
        {
            await BackgroundWork.TryCleanUpAsync(deadline => ReleaseAsync(name, id, deadline)).ConfigureAwait(false);
            throw;
        }

        if (old is not null)
            await ReleaseAsync(old, id, CancellationToken.None).ConfigureAwait(false);
        return renamed;
    }

    /// <summary>Verifies that a name can be reserved for a container, before anything expensive is done for it.</summary>
    internal async Task RequireFreeAsync(string name, string id, CancellationToken cancellationToken)
    {
        var others = await ListAsync([HasName(name), $"id=={StoreFilter.Quote(name)}"], cancellationToken).ConfigureAwait(false);
        if (others.FirstOrDefault(c => c.Id != id) is { } other)
            throw Taken(name, other.Id);
    }

    /// <summary>Verifies that no container has another one's id as its name, which would hide it.</summary>
    internal async Task RequireNoNameAsync(string id, CancellationToken cancellationToken)
    {
        if (
            await LeaseAsync(id, cancellationToken).ConfigureAwait(false) is not { } lease
            || NameLease.HolderOf(lease) is not { } holder
            || holder == id
        )
            return;
        if (
            await _ns.ContainerRecords.HasNameAsync(holder, id, cancellationToken).ConfigureAwait(false)
            || await IsYoungAsync(lease, cancellationToken).ConfigureAwait(false)
        )
            throw IdIsName(id, holder);
    }

    /// <summary>Reserves a name for a container; only one of several clients succeeds.</summary>
    /// <param name="name">The name.</param>
    /// <param name="id">The id of the container, which does not have to exist yet.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. A canceled call reserves nothing.</param>
    /// <exception cref="CtrConflictException">NameExists.</exception>
    internal async Task ReserveAsync(string name, string id, CancellationToken cancellationToken)
    {
        await RequireFreeAsync(name, id, cancellationToken).ConfigureAwait(false);
        while (!await TryReserveAsync(name, id, cancellationToken).ConfigureAwait(false))
            await FreeOrphanAsync(name, cancellationToken).ConfigureAwait(false);
        try
        {
            // A container with that id may have been created in the meantime: its creator checks the lease afterwards, and this checks the
            // container.
            await RequireFreeAsync(name, id, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await BackgroundWork.TryCleanUpAsync(deadline => ReleaseAsync(name, id, deadline)).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Verifies, once the container exists, that the name still belongs to it: a client that was suspended between the reservation and the
    /// creation may have lost it.
    /// </summary>
    internal async Task ConfirmAsync(string name, string id, CancellationToken cancellationToken)
    {
        do
        {
            if (await LeaseAsync(name, cancellationToken).ConfigureAwait(false) is not { } lease)
                continue;
            if (NameLease.HolderOf(lease) is { } holder && holder != id)
                throw Taken(name, holder);
            return;
        } while (!await TryReserveAsync(name, id, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Releases a name that a container has; the name of another container, and a free name, are not changed.</summary>
    internal async Task ReleaseAsync(string name, string id, CancellationToken cancellationToken)
    {
        if (await LeaseAsync(name, cancellationToken).ConfigureAwait(false) is { } lease && NameLease.HolderOf(lease) == id)
            await _ns.Leases.DeleteAsync(lease.Id, synchronous: false, cancellationToken).ConfigureAwait(false);
    }

    private static string HasName(string name) => $"labels.{StoreFilter.Quote(ContainerLabels.Name)}=={StoreFilter.Quote(name)}";

    private async Task<string?> FindAsync(string text, CancellationToken cancellationToken)
    {
        List<string> filters = [HasName(text)];
        if (GeneratedId.IsPrefix(text))
            filters.Add($"id~={StoreFilter.Quote("^" + text)}");
        var found = await ListAsync(filters, cancellationToken).ConfigureAwait(false);
        var named = found.Where(c => ContainerLabels.NameOf(c.Labels) == text).ToList();
        switch (named.Count)
        {
            case 1:
                return named[0].Id;
            case > 1:
                // Other programs also write the label, without the lease.
                return
                    await LeaseAsync(text, cancellationToken).ConfigureAwait(false) is { } lease
                    && NameLease.HolderOf(lease) is { } holder
                    && named.Exists(c => c.Id == holder)
                    ? holder
                    : throw Ambiguous(text, "is the name", named);
        }

        var begun = found.Where(c => GeneratedId.IsOne(c.Id) && c.Id.StartsWith(text, StringComparison.Ordinal)).ToList();
        return begun.Count > 1 ? throw Ambiguous(text, "is the beginning of the ids", begun) : begun.FirstOrDefault()?.Id;
    }

    private async Task<List<WireContainers.Container>> ListAsync(IEnumerable<string> filters, CancellationToken cancellationToken)
    {
        var request = new WireContainers.ListContainersRequest();
        request.Filters.AddRange(filters);
        var found = new List<WireContainers.Container>();
        try
        {
            using var call = Stub.ListStream(request, cancellationToken: cancellationToken);
            await foreach (var message in call.ResponseStream.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                found.Add(message.Container);
        }
        catch (RpcException e)
        {
            throw RpcErrors.Translate(e, Resource.Container, null);
        }

        return found;
    }

    private Task<CtrLease?> LeaseAsync(string name, CancellationToken cancellationToken) =>
        _ns.Leases.FindAsync(NameLease.IdOf(name), cancellationToken);

    private async Task<bool> TryReserveAsync(string name, string id, CancellationToken cancellationToken)
    {
        try
        {
            var labels = new Dictionary<string, string> { [NameLease.Container] = id };
            await BackgroundWork
                .CompleteOrUndoAsync(
                    stop => _ns.Leases.CreateAsync(NameLease.IdOf(name), null, labels, stop),
                    deadline => ReleaseAsync(name, id, deadline),
                    cancellationToken
                )
                .ConfigureAwait(false);
            return true;
        }
        catch (CtrConflictException)
        {
            return false;
        }
    }

    /// <summary>
    /// Deletes the lease of a name whose container no longer exists. Only one client does this at a time: if two clients found the same
    /// orphan, the slower one would delete the lease that the faster one has created since.
    /// </summary>
    /// <exception cref="CtrConflictException">NameExists: the container exists, or is being created.</exception>
    private async Task FreeOrphanAsync(string name, CancellationToken cancellationToken)
    {
        if (await OrphanAsync(name, cancellationToken).ConfigureAwait(false) is null)
            return;
        var takeover = NameLease.TakeoverIdOf(name);
        CtrLease mine;
        try
        {
            mine = await BackgroundWork
                .CompleteOrUndoAsync(
                    stop => _ns.Leases.CreateAsync(takeover, TakeoverExpiry, cancellationToken: stop),
                    deadline => _ns.Leases.DeleteAsync(takeover, synchronous: false, deadline),
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
        catch (CtrConflictException)
        {
            await AwaitTakeoverAsync(takeover, cancellationToken).ConfigureAwait(false);
            return;
        }

        try
        {
            if (await OrphanAsync(name, cancellationToken).ConfigureAwait(false) is not { } orphan)
                return;
            if (Between(orphan, mine) < Grace)
                throw Reserved(name, orphan.ContainerId!);
            await _ns.Leases.DeleteAsync(orphan.Id, synchronous: false, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await BackgroundWork
                .TryCleanUpAsync(deadline => _ns.Leases.DeleteAsync(takeover, synchronous: false, deadline))
                .ConfigureAwait(false);
        }
    }

    /// <summary>The lease of a name whose container does not exist.</summary>
    private async Task<CtrLease?> OrphanAsync(string name, CancellationToken cancellationToken)
    {
        if (await LeaseAsync(name, cancellationToken).ConfigureAwait(false) is not { } lease)
            return null;
        var holder = NameLease.HolderOf(lease) ?? "";
        return !await _ns.ContainerRecords.HasNameAsync(holder, name, cancellationToken).ConfigureAwait(false)
            ? lease
            : throw Taken(name, holder);
    }

    /// <summary>
    /// Waits for a client that takes over a name, which takes milliseconds; the lease of a client that was killed in the meantime is
    /// removed.
    /// </summary>
    private async Task AwaitTakeoverAsync(string takeover, CancellationToken cancellationToken)
    {
        var giveUp = Environment.TickCount64 + (long)TakeoverPatience.TotalMilliseconds;
        while (await _ns.Leases.FindAsync(takeover, cancellationToken).ConfigureAwait(false) is { } theirs)
        {
            if (Environment.TickCount64 < giveUp)
            {
                await Task.Delay(20, cancellationToken).ConfigureAwait(false);
                continue;
            }

            if (await AgeAsync(theirs, cancellationToken).ConfigureAwait(false) >= TakeoverPatience)
                await _ns.Leases.DeleteAsync(takeover, synchronous: false, cancellationToken).ConfigureAwait(false);
            return;
        }
    }

    private async Task<bool> IsYoungAsync(CtrLease lease, CancellationToken cancellationToken) =>
        await AgeAsync(lease, cancellationToken).ConfigureAwait(false) < Grace;

    /// <summary>
    /// How old a lease is by the daemon's clock, which may differ from that of a client on another host: the daemon returns the time when
    /// it creates a lease.
    /// </summary>
    private async Task<TimeSpan> AgeAsync(CtrLease lease, CancellationToken cancellationToken)
    {
        var now = await _ns
            .Leases.CreateAsync(LeaseStore.NewId(), TakeoverExpiry, cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        await _ns.Leases.DeleteAsync(now.Id, synchronous: false, cancellationToken).ConfigureAwait(false);
        return Between(lease, now);
    }

    private static TimeSpan Between(CtrLease earlier, CtrLease later) =>
        later.CreatedAt.ToUniversalTime() - earlier.CreatedAt.ToUniversalTime();

    private static CtrConflictException Taken(string name, string? holder) =>
        holder == name
            ? new($"'{name}' is the id of a container, so it cannot be another container's name.")
            {
                ErrorId = ErrorIds.NameExists,
                Subject = name,
                Remedy = "Choose another name.",
            }
            : new($"The name '{name}' is already used by container '{holder}'.")
            {
                ErrorId = ErrorIds.NameExists,
                Subject = name,
                RemedyId = "RenameOrRemove",
                Remedy = "Choose another name, or rename or remove that container.",
            };

    private static CtrConflictException Reserved(string name, string holder) =>
        new($"The name '{name}' was reserved moments ago for container '{holder}', which is still being created.")
        {
            ErrorId = ErrorIds.NameExists,
            Subject = name,
            Remedy = "Choose another name. If that creation fails, the name is free again within seconds.",
        };

    private static CtrConflictException IdIsName(string id, string holder) =>
        new($"'{id}' is the name of container '{holder}', so it cannot be another container's id.")
        {
            ErrorId = ErrorIds.NameExists,
            Subject = id,
            RemedyId = "Rename",
            Remedy = "Choose another id, or rename that container.",
        };

    private static CtrArgumentException Ambiguous(string text, string what, List<WireContainers.Container> candidates)
    {
        var shown = candidates
            .Take(MostCandidates)
            .Select(c => c.Id + (ContainerLabels.NameOf(c.Labels) is { } name && name != text ? $" ({name})" : ""));
        var more = candidates.Count > MostCandidates ? $" and {candidates.Count - MostCandidates} more" : "";
        return new CtrArgumentException($"'{text}' {what} of {candidates.Count} containers: {string.Join(", ", shown)}{more}.")
        {
            ErrorId = ErrorIds.AmbiguousId,
            Subject = text,
            Remedy = "Use more digits of the id, or the whole id.",
        };
    }
}
