using Containerd.Client.Daemon;
using Containerd.Client.Transport;
using Containerd.Client.Wire.Namespaces;
using Containerd.Client.Workloads.Namespaces;
using Containerd.Host.Errors;
using Google.Protobuf.WellKnownTypes;

namespace Containerd.Client;

/// <summary>A daemon's containerd namespaces (namespaces.v1).</summary>
public sealed class NamespaceStore
{
    private readonly NamespaceRecords _records;
    private readonly Func<string, NamespaceContent> _content;

    internal NamespaceStore(NamespaceRecords records, Func<string, NamespaceContent> content)
    {
        _records = records;
        _content = content;
    }

    private Wire.Namespaces.Namespaces.NamespacesClient Stub => _records.Stub;

    /// <summary>Lists the names of all namespaces (namespaces.v1 List).</summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>Their names, in order.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellationToken = default) =>
        await _records.NamesAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Lists all namespaces (namespaces.v1 List).</summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The namespaces, by name.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrNamespace>> ListAsync(CancellationToken cancellationToken = default) =>
        await _records.ListAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Reads a namespace (namespaces.v1 List, because Get also answers for one that does not exist).</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The namespace.</returns>
    /// <exception cref="CtrNotFoundException">NamespaceNotFound.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrNamespace> GetAsync(string name, CancellationToken cancellationToken = default) =>
        (await ListAsync(cancellationToken).ConfigureAwait(false)).FirstOrDefault(n => n.Name == name)
        ?? throw RpcErrors.NotFound(Resource.Namespace, name);

    /// <summary>Creates a namespace (namespaces.v1 Create). The first object in a namespace also creates it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="labels">Its labels; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The namespace.</returns>
    /// <exception cref="CtrConflictException">NamespaceExists.</exception>
    /// <exception cref="CtrArgumentException">InvalidId.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrNamespace> CreateAsync(
        string name,
        IReadOnlyDictionary<string, string>? labels = null,
        CancellationToken cancellationToken = default
    )
    {
        var request = new CreateNamespaceRequest { Namespace = new Namespace { Name = ContainerdNames.RequireNamespace(name) } };
        foreach (var (key, value) in labels ?? new Dictionary<string, string>())
            request.Namespace.Labels[key] = value;
        return _records.FromWire(
            (
                await Stub.CreateAsync(request, cancellationToken: cancellationToken)
                    .TranslateErrors(Resource.Namespace, name)
                    .ConfigureAwait(false)
            ).Namespace
        );
    }

    /// <summary>Changes labels of a namespace (namespaces.v1 Update); other labels are not changed.</summary>
    /// <param name="name">The namespace.</param>
    /// <param name="labels">The labels to set; an empty value removes the label.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The changed namespace.</returns>
    /// <exception cref="CtrNotFoundException">NamespaceNotFound.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrNamespace> UpdateLabelsAsync(
        string name,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(labels);
        // containerd would create a missing namespace.
        await GetAsync(name, cancellationToken).ConfigureAwait(false);
        if (labels.Count > 0)
        {
            var request = new UpdateNamespaceRequest
            {
                Namespace = new Namespace { Name = name },
                UpdateMask = new FieldMask(),
            };
            foreach (var (key, value) in labels)
            {
                request.Namespace.Labels[key] = value;
                request.UpdateMask.Paths.Add("labels." + key);
            }

            await Stub.UpdateAsync(request, cancellationToken: cancellationToken)
                .TranslateErrors(Resource.Namespace, name)
                .ConfigureAwait(false);
        }

        return await GetAsync(name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes an empty namespace (namespaces.v1 Delete).</summary>
    /// <param name="name">The namespace.</param>
    /// <param name="force">Whether it is emptied first: tasks are killed, and everything in it is removed.</param>
    /// <param name="progress">Receives the kind of object that is being removed; null for none.</param>
    /// <param name="cancellationToken">
    /// The token to monitor for cancellation requests. Objects that are already removed are not restored.
    /// </param>
    /// <returns>A task that completes when it is removed.</returns>
    /// <exception cref="CtrNotFoundException">NamespaceNotFound.</exception>
    /// <exception cref="CtrConflictException">NamespaceNotEmpty: the message says how much of each kind is in it.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task RemoveAsync(
        string name,
        bool force = false,
        IProgress<string>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        await GetAsync(name, cancellationToken).ConfigureAwait(false);
        var content = _content(name);
        if (force)
            await content.RemoveAsync(progress, cancellationToken).ConfigureAwait(false);
        else if (
            await content.CountAsync(cancellationToken).ConfigureAwait(false) is var counts
            && counts.ToString() is var text and not "nothing"
        )
            throw NotEmpty(name, text, null);
        try
        {
            await Stub.DeleteAsync(new DeleteNamespaceRequest { Name = name }, cancellationToken: cancellationToken)
                .TranslateErrors(Resource.Namespace, name)
                .ConfigureAwait(false);
        }
        catch (CtrConflictException e)
        {
            // Another client was faster, or it contains objects that only the daemon sees.
            throw NotEmpty(name, (await content.CountAsync(cancellationToken).ConfigureAwait(false)).ToString(), e);
        }
    }

    /// <summary>Counts the objects in a namespace.</summary>
    /// <param name="name">The namespace.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The numbers.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrNamespaceCounts> CountAsync(string name, CancellationToken cancellationToken = default) =>
        await _content(name).CountAsync(cancellationToken).ConfigureAwait(false);

    private static CtrConflictException NotEmpty(string name, string what, Exception? cause) =>
        new($"The namespace '{name}' still holds {what}.", cause)
        {
            ErrorId = ErrorIds.NamespaceNotEmpty,
            Subject = name,
            Remedy = "Remove its content first, or force the removal, which removes the content too.",
        };
}
