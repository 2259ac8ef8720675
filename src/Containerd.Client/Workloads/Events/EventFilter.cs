using System.IO.Enumeration;

namespace Containerd.Client;

/// <summary>The event filter of a subscriber; null properties match everything.</summary>
public sealed class EventFilter
{
    /// <summary>The types.</summary>
    public IReadOnlySet<CtrEventType>? Types { get; init; }

    /// <summary>Ids of containers, or names, with <c>*</c> and <c>?</c>.</summary>
    public IReadOnlyList<string>? Ids { get; init; }

    /// <summary>Labels of the event's container; values may contain <c>*</c> and <c>?</c>.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Filters in containerd's filter syntax, any of which must match, such as <c>topic~=|^/tasks/|</c>.</summary>
    public IReadOnlyList<string>? Raw { get; init; }

    /// <summary>Whether type and id match; labels are evaluated by code that knows the containers.</summary>
    internal bool Matches(CtrEvent happened)
    {
        if (Types is not null && !Types.Contains(happened.Type))
            return false;
        var id = happened.ContainerId.Length > 0 ? happened.ContainerId : happened.Name;
        return Ids is null || Ids.Any(pattern => Fits(pattern, id));
    }

    /// <summary>Whether the labels of a container match.</summary>
    internal bool Matches(IReadOnlyDictionary<string, string> labels) =>
        Labels is null || Labels.All(wanted => labels.TryGetValue(wanted.Key, out var value) && Fits(wanted.Value, value));

    private static bool Fits(string pattern, string text) =>
        FileSystemName.MatchesSimpleExpression(pattern.Replace("\\", "\\\\", StringComparison.Ordinal), text, ignoreCase: false);
}
