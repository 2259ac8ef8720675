using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>
/// The namespaces that Register-CtrEvent and Watch-CtrEvent listen to, each with its own filter if containers were specified as objects.
/// </summary>
internal sealed class EventScope
{
    private readonly Dictionary<NamespaceClient, HashSet<string>?> _places = [];

    /// <summary>The namespaces, in the order in which they were specified.</summary>
    internal IEnumerable<NamespaceClient> Places => _places.Keys;

    /// <summary>Adds a namespace.</summary>
    /// <param name="place">A session and namespace.</param>
    /// <param name="id">A container there, or a pattern; null for everything.</param>
    /// <param name="named">The ids of the containers whose name it is or matches: events contain only ids.</param>
    internal void Add(NamespaceClient place, string? id, IReadOnlyList<string> named)
    {
        // The lease of a block's view of a namespace is not relevant for events.
        place = place.Client.In(place.Namespace);
        if (!_places.TryGetValue(place, out var ids))
            _places[place] = ids = id is null ? null : new HashSet<string>(StringComparer.Ordinal);
        if (id is null)
            _places[place] = null;
        else
            ids?.UnionWith([id, .. named]);
    }

    /// <summary>Finds the containers for a text: a name, the beginning of a generated id, or a pattern for names.</summary>
    internal static async Task<IReadOnlyList<string>> IdsOfAsync(NamespaceClient place, string text, CancellationToken cancellationToken)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(text))
            return [await place.Names.ResolveAsync(text, cancellationToken).ConfigureAwait(false)];
        var matches = await new ContainerPattern(text).TestAsync(place, cancellationToken).ConfigureAwait(false);
        return text == "*" ? [] : [.. (await place.Names.ListAsync(cancellationToken).ConfigureAwait(false)).Keys.Where(matches)];
    }

    /// <summary>The event filter for a namespace.</summary>
    internal EventFilter Filter(NamespaceClient place, CtrEventType[]? types, CtrKeyValues[]? labels, string[]? raw) =>
        new()
        {
            Types = types is null ? null : new HashSet<CtrEventType>(types),
            Ids = _places[place] is { } ids ? [.. ids] : null,
            Labels = labels is null ? null : StringMap.Filter(labels),
            Raw = raw,
        };
}
