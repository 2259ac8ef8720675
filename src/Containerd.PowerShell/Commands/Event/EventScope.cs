using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>
/// What Register-CtrEvent and Watch-CtrEvent listen to: namespaces, each with a filter of its own where containers were named as objects.
/// </summary>
internal sealed class EventScope
{
    private readonly Dictionary<NamespaceClient, HashSet<string>?> _namespaces = [];

    /// <summary>The namespaces, in the order in which they were named.</summary>
    internal IEnumerable<NamespaceClient> Namespaces => _namespaces.Keys;

    /// <summary>Takes a ns in.</summary>
    /// <param name="ns">A session and namespace.</param>
    /// <param name="id">A container there, or a pattern; null for everything.</param>
    /// <param name="named">The ids of the containers whose name it is or matches: events contain only ids.</param>
    internal void Add(NamespaceClient ns, string? id, IReadOnlyList<string> named)
    {
        // A lease, which a block's own view of a ns has, is nothing to events.
        ns = ns.Client.In(ns.Namespace);
        if (!_namespaces.TryGetValue(ns, out var ids))
            _namespaces[ns] = ids = id is null ? null : new HashSet<string>(StringComparer.Ordinal);
        if (id is null)
            _namespaces[ns] = null;
        else
            ids?.UnionWith([id, .. named]);
    }

    /// <summary>Finds the containers for a text: a name, the beginning of a generated id, or a pattern for names.</summary>
    internal static async Task<IReadOnlyList<string>> IdsOfAsync(NamespaceClient ns, string text, CancellationToken cancellationToken)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(text))
            return [await ns.Names.ResolveAsync(text, cancellationToken).ConfigureAwait(false)];
        var matches = await new ContainerPattern(text).TestAsync(ns, cancellationToken).ConfigureAwait(false);
        return text == "*" ? [] : [.. (await ns.Names.ListAsync(cancellationToken).ConfigureAwait(false)).Keys.Where(matches)];
    }

    /// <summary>What is wanted from a ns.</summary>
    internal EventFilter Filter(NamespaceClient ns, CtrEventType[]? types, CtrKeyValues[]? labels, string[]? raw) =>
        new()
        {
            Types = types is null ? null : new HashSet<CtrEventType>(types),
            Ids = _namespaces[ns] is { } ids ? [.. ids] : null,
            Labels = labels is null ? null : StringMap.Filter(labels),
            Raw = raw,
        };
}
