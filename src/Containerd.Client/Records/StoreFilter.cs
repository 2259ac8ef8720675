using System.Text;

namespace Containerd.Client;

/// <summary>
/// Which objects of a store a caller wants. What containerd's filters can say is asked of the daemon; wildcards in the values of labels are
/// compared here.
/// </summary>
public sealed class StoreFilter
{
    /// <summary>Everything.</summary>
    public static StoreFilter All { get; } = new();

    /// <summary>Filters in containerd's own language, any of which has to match, such as <c>labels."app"==web</c>; null for none.</summary>
    public IReadOnlyList<string>? Raw { get; init; }

    /// <summary>Labels that the object must have; null for none. A value is compared by <see cref="Matches"/>, where it is given.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Compares a label's value (second) with what is wanted (first); null for the same text.</summary>
    public Func<string, string, bool>? Matches { get; init; }

    /// <summary>Further conditions in containerd's own language, all of which have to match.</summary>
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
        // Only whether a label is there is asked where its value is a pattern.
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

    /// <summary>Whether an object's labels are wanted.</summary>
    internal bool Wants(IReadOnlyDictionary<string, string> labels) =>
        Labels is null
        || Labels.All(wanted =>
            labels.TryGetValue(wanted.Key, out var value) && (Matches is null ? value == wanted.Value : Matches(wanted.Value, value))
        );

    /// <summary>A text as containerd's filters take any: in double quotes, with Go's escapes.</summary>
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
