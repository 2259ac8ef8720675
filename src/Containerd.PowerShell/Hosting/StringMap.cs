using System.Collections;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Keys and values that users specify, as maps of strings.</summary>
internal static class StringMap
{
    /// <summary>The entries of a hashtable as strings; null values are kept.</summary>
    internal static Dictionary<string, string?> Nullable(IDictionary table)
    {
        var map = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in table)
        {
            var key = TableText.Of(entry.Key)!;
            map[key] = TableText.Of(entry.Value, key);
        }

        return map;
    }

    /// <summary>The changes to an object: a null value removes the key.</summary>
    internal static Dictionary<string, string?> Changes(CtrKeyValues[]? given)
    {
        var map = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (key, value) in (given ?? []).SelectMany(g => g))
            map[key] = value;
        return map;
    }

    /// <summary>The entries for a new object; a null value is an empty one.</summary>
    internal static Dictionary<string, string> From(CtrKeyValues[]? given) =>
        Changes(given).ToDictionary(e => e.Key, e => e.Value ?? "", StringComparer.Ordinal);

    /// <summary>The entries of a filter, whose values may contain wildcards: a key without a value matches any value.</summary>
    internal static Dictionary<string, string> Filter(CtrKeyValues[]? given)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var group in given ?? [])
        {
            foreach (var (key, value) in group)
                map[key] = group.IsKeyAlone ? "*" : value ?? "";
        }

        return map;
    }

    /// <summary>Whether labels match a filter.</summary>
    internal static bool Has(IReadOnlyDictionary<string, string> labels, CtrKeyValues[]? wanted) =>
        Filter(wanted).All(w => labels.TryGetValue(w.Key, out var value) && NamePattern.Get(w.Value, WildcardOptions.None).IsMatch(value));
}
