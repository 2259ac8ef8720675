using System.Collections;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Hashtables as a person writes them, as maps of strings.</summary>
internal static class StringMap
{
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

    /// <summary>Whether labels hold all that are wanted; a wanted value may hold wildcards.</summary>
    internal static bool Has(IReadOnlyDictionary<string, string> labels, IDictionary? wanted) =>
        From(wanted).All(w => labels.TryGetValue(w.Key, out var value) && NamePattern.Get(w.Value, WildcardOptions.None).IsMatch(value));

    internal static Dictionary<string, string> From(IDictionary? table)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in Nullable(table ?? new Hashtable()))
            map[key] = value ?? "";
        return map;
    }
}
