using System.Collections;
using System.Globalization;

namespace Containerd;

/// <summary>
/// A map of strings: labels, and in an OCI runtime spec annotations, sysctls and cgroup v2 files. A hashtable converts to it.
/// </summary>
public sealed class CtrMap : Dictionary<string, string>
{
    /// <summary>Makes an empty map.</summary>
    public CtrMap()
        : base(StringComparer.Ordinal) { }

    /// <summary>
    /// Creates a map from what a dictionary holds, each key and value as text, by key: neither a hashtable nor a daemon keeps an order.
    /// </summary>
    /// <param name="values">The entries.</param>
    public CtrMap(IDictionary values)
        : this()
    {
        ArgumentNullException.ThrowIfNull(values);
        foreach (var key in values.Keys.Cast<object>().OrderBy(Text, StringComparer.Ordinal))
            this[Text(key)] = Text(values[key]);
    }

    /// <summary>The entries on one line.</summary>
    /// <returns>A text such as <c>color=blue, tier=web</c>.</returns>
    public override string ToString() => string.Join(", ", this.Select(e => $"{e.Key}={e.Value}"));

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
