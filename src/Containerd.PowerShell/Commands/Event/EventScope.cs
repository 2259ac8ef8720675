using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>What Register-CtrEvent and Watch-CtrEvent listen to: places, each with a filter of its own where containers were named as objects.</summary>
internal sealed class EventScope
{
    private readonly Dictionary<NamespaceClient, HashSet<string>?> _places = [];

    /// <summary>The places, in the order in which they were named.</summary>
    internal IEnumerable<NamespaceClient> Places => _places.Keys;

    /// <summary>Takes a place in.</summary>
    /// <param name="place">A session and namespace.</param>
    /// <param name="id">A container there, or a pattern; null for everything.</param>
    internal void Add(NamespaceClient place, string? id)
    {
        // A lease, which a block's own view of a place has, is nothing to events.
        place = place.Client.In(place.Namespace);
        if (!_places.TryGetValue(place, out var ids))
            _places[place] = ids = id is null ? null : new HashSet<string>(StringComparer.Ordinal);
        if (id is null)
            _places[place] = null;
        else
            ids?.Add(id);
    }

    /// <summary>What is wanted from a place.</summary>
    internal EventFilter Filter(NamespaceClient place, CtrEventType[]? types, CtrKeyValues[]? labels, string[]? raw) => new()
    {
        Types = types is null ? null : new HashSet<CtrEventType>(types),
        Ids = _places[place] is { } ids ? [.. ids] : null,
        Labels = labels is null ? null : StringMap.Filter(labels),
        Raw = raw,
    };
}
