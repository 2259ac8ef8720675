using System.Globalization;
using Containerd.Client.Wire.Leases;
using Grpc.Core;

namespace Containerd.Client;

/// <summary>The leases of a namespace, which keep content and snapshots from the garbage collector while they are being made.</summary>
public sealed class LeaseStore
{
    private readonly NamespaceClient _namespace;

    /// <summary>Makes the view of one namespace's leases.</summary>
    /// <param name="ns">The namespace.</param>
    public LeaseStore(NamespaceClient ns)
    {
        ArgumentNullException.ThrowIfNull(ns);
        _namespace = ns;
    }

    private Leases.LeasesClient Stub => new(_namespace.Calls());

    /// <summary>Makes a lease that ends when it is disposed of, or by itself after a while (leases.v1 Create).</summary>
    /// <param name="expiry">How long it lives when nobody deletes it.</param>
    /// <param name="labels">Further labels; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The lease, deleted synchronously when it is disposed of.</returns>
    public async Task<LeaseScope> CreateAsync(TimeSpan expiry, IReadOnlyDictionary<string, string>? labels = null, CancellationToken cancellationToken = default)
    {
        // The id is ours, so that a lease can be deleted even when the answer to its creation never came.
        var id = "pwsh-" + Guid.NewGuid().ToString("N");
        var request = new CreateRequest { Id = id };
        request.Labels["containerd.io/gc.expire"] = DateTime.UtcNow.Add(expiry).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        foreach (var (key, value) in labels ?? new Dictionary<string, string>()) request.Labels[key] = value;
        try
        {
            await Stub.CreateAsync(request, cancellationToken: cancellationToken).About(Resource.Lease, id);
        }
        catch
        {
            await new LeaseScope(this, id).DisposeAsync();
            throw;
        }

        return new LeaseScope(this, id);
    }

    /// <summary>Deletes a lease (leases.v1 Delete); one that is gone is no error.</summary>
    /// <param name="id">The lease.</param>
    /// <param name="synchronous">Whether to wait until the garbage collector has taken what the lease alone held.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A task that ends when the lease is gone.</returns>
    public async Task DeleteAsync(string id, bool synchronous, CancellationToken cancellationToken = default)
    {
        try
        {
            await Stub.DeleteAsync(new DeleteRequest { Id = id, Sync = synchronous }, cancellationToken: cancellationToken);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
        }
        catch (RpcException e)
        {
            throw RpcErrors.Translate(e, Resource.Lease, id);
        }
    }

    internal async Task AddAsync(string id, string type, string resource, CancellationToken cancellationToken) =>
        await Stub.AddResourceAsync(new AddResourceRequest { Id = id, Resource = new Wire.Leases.Resource { Id = resource, Type = type } }, cancellationToken: cancellationToken)
            .About(Resource.Lease, id);
}
