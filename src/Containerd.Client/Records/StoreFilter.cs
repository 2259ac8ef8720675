using System.Text;

namespace Containerd.Client;

/// <summary>
/// A filter for objects of a store. Conditions that containerd's filters support are evaluated by the daemon; wildcards in label values are
/// compared here.
/// </summary>
public sealed class StoreFilter
{
    /// <summary>Everything.</summary>
    public static StoreFilter All { get; } = new();

    /// <summary>Filters in containerd's filter syntax, any of which must match, such as <c>labels."app"==web</c>; null for none.</summary>
    public IReadOnlyList<string>? Raw { get; init; }

    /// <summary>Labels that the object must have; null for none. Values are compared with <see cref="Matches"/>, if it is set.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Compares the value of a label (second) with the requested one (first); null for equality.</summary>
    public Func<string, string, bool>? Matches { get; init; }

    /// <summary>Additional conditions in containerd's filter syntax, all of which must match.</summary>
    internal IReadOnlyList<string> Required { get; init; } = [];

    /// <summary>The same filter with one more field that must have a value.</summary>
    internal StoreFilter With(string field, string value) =>
        new()
        {
            Raw = Raw,
            Labels = Labels,
            Matches = Matches,
            Required = [.. Required, $"{field}=={Quote(value)}"],
        };

    /// <summary>The filters for a request: a list of alternatives, each a list of conditions.</summary>
    internal IEnumerable<string> ToWire()
    {
        // If the value is a pattern, the daemon only checks that the label exists.
        var conditions = Required
            .Concat(
                (Labels ?? new Dictionary<string, string>()).Select(l =>
                    Matches is null ? $"labels.{Quote(l.Key)}=={Quote(l.Value)}" : $"labels.{Quote(l.Key)}"
                )
            )
            .ToList();
        if (Raw is not { Count: > 0 })
            return conditions.Count == 0 ? [] : [string.Join(',', conditions)];
        return Raw.Select(raw => string.Join(',', [raw, .. conditions]));
    }

    /// <summary>Whether the labels of an object match.</summary>
    internal bool Wants(IReadOnlyDictionary<string, string> labels) =>
        Labels is null
        || Labels.All(wanted =>
            labels.TryGetValue(wanted.Key, out var value) && (Matches is null ? value == wanted.Value : Matches(wanted.Value, value))
        );

    /// <summary>Quotes a text for containerd's filters: in double quotes, with Go's escapes.</summary>
    internal static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var character in text)
        {
            if (character is '"' or '\\')
                quoted.Append('\\').Append(character);
            else if (char.IsControl(character))
                quoted.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            else
                quoted.Append(character);
        }

        return quoted.Append('"').ToString();
    }
}
