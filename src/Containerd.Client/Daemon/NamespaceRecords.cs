using Containerd.Client.Transport;
using Containerd.Client.Wire.Namespaces;

namespace Containerd.Client.Daemon;

/// <summary>The containerd namespaces that a daemon has, and their labels (namespaces.v1).</summary>
internal sealed class NamespaceRecords(DaemonConnection connection)
{
    internal Wire.Namespaces.Namespaces.NamespacesClient Stub => new(connection.Calls(connection.Session.Namespace));

    /// <summary>All namespaces, by name (namespaces.v1 List).</summary>
    internal async Task<IReadOnlyList<CtrNamespace>> ListAsync(CancellationToken cancellationToken)
    {
        var answer = await Stub.ListAsync(new ListNamespacesRequest(), cancellationToken: cancellationToken)
            .TranslateErrors(Resource.Namespace)
            .ConfigureAwait(false);
        return [.. answer.Namespaces.Select(FromWire).OrderBy(n => n.Name, StringComparer.Ordinal)];
    }

    /// <summary>The names of all namespaces, in order.</summary>
    internal async Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellationToken) =>
        [.. (await ListAsync(cancellationToken).ConfigureAwait(false)).Select(n => n.Name)];

    /// <summary>A label of a namespace.</summary>
    /// <returns>
    /// The value of the label; null if the label or the namespace does not exist. A namespace exists once it contains an object.
    /// </returns>
    internal async Task<string?> LabelAsync(string name, string label, CancellationToken cancellationToken) =>
        (await ListAsync(cancellationToken).ConfigureAwait(false))
            .FirstOrDefault(n => n.Name == name)
            ?.Labels.TryGetValue(label, out var value) == true
        && value.Length > 0
            ? value
            : null;

    /// <summary>A namespace as an object of this session.</summary>
    internal CtrNamespace FromWire(Namespace ns) =>
        new()
        {
            Name = ns.Name,
            Labels = new CtrMap(ns.Labels),
            Session = connection.Session,
        };
}
