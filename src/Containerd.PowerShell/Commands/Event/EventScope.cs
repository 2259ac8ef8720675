using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>
/// What Register-CtrEvent and Watch-CtrEvent listen to: places, each with a filter of its own where containers were named as objects.
/// </summary>
internal sealed class EventScope
{
    private readonly Dictionary<NamespaceClient, HashSet<string>?> _places = [];

    /// <summary>The places, in the order in which they were named.</summary>
    internal IEnumerable<NamespaceClient> Places => _places.Keys;

    /// <summary>Takes a place in.</summary>
    /// <param name="place">A session and namespace.</param>
    /// <param name="id">A container there, or a pattern; null for everything.</param>
    /// <param name="named">The ids of the containers that it is, or matches, the name of: events carry ids alone.</param>
    internal void Add(NamespaceClient place, string? id, IReadOnlyList<string> named)
    {
        // A lease, which a block's own view of a place has, is nothing to events.
        place = place.Client.In(place.Namespace);
        if (!_places.TryGetValue(place, out var ids))
            _places[place] = ids = id is null ? null : new HashSet<string>(StringComparer.Ordinal);
        if (id is null)
            _places[place] = null;
        else
            ids?.UnionWith([id, .. named]);
    }

    /// <summary>
    /// The containers whose name, or the beginning of whose generated id, a text is, or whose name it matches as a pattern.
    /// </summary>
    internal static async Task<IReadOnlyList<string>> IdsOfAsync(NamespaceClient place, string text, CancellationToken cancellationToken)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(text))
            return [await place.Names.ResolveAsync(text, cancellationToken).ConfigureAwait(false)];
        var matches = await new ContainerPattern(text).TestAsync(place, cancellationToken).ConfigureAwait(false);
        return text == "*" ? [] : [.. (await place.Names.ListAsync(cancellationToken).ConfigureAwait(false)).Keys.Where(matches)];
    }

    /// <summary>What is wanted from a place.</summary>
    internal EventFilter Filter(NamespaceClient place, CtrEventType[]? types, CtrKeyValues[]? labels, string[]? raw) =>
        new()
        {
            Types = types is null ? null : new HashSet<CtrEventType>(types),
            Ids = _places[place] is { } ids ? [.. ids] : null,
            Labels = labels is null ? null : StringMap.Filter(labels),
            Raw = raw,
        };
}
