using System.Collections;
using System.Globalization;

namespace Containerd;

/// <summary>
/// Keys with values for the parameters -Label, -Annotation and -Sysctl: one string such as <c>app=web</c>, or a hashtable with several
/// entries. A string without <c>=</c> is a key with an empty value. A null value removes the key in a cmdlet that changes an object. A
/// <c>Mock</c> can read <c>$Label.app</c>, as from a hashtable.
/// </summary>
public sealed class CtrKeyValues : Dictionary<string, string?>
{
    private const string Form = "Use key=value, or a hashtable such as @{ app = 'web' }.";

    /// <summary>Creates an object without entries.</summary>
    public CtrKeyValues()
        : base(StringComparer.Ordinal) { }

    /// <summary>Creates entries from a text such as <c>app=web</c>. The first <c>=</c> separates key and value.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="CtrArgumentException"><c>InvalidKeyValue</c>: the text has no key.</exception>
    public CtrKeyValues(string text)
        : base(StringComparer.Ordinal)
    {
        ArgumentNullException.ThrowIfNull(text);
        var end = text.IndexOf('=', StringComparison.Ordinal);
        IsKeyAlone = end < 0;
        this[RequireKey(end < 0 ? text : text[..end], text)] = end < 0 ? "" : text[(end + 1)..];
    }

    /// <summary>Creates entries from a hashtable or another dictionary, each key and value as text. A null value stays null.</summary>
    /// <param name="values">The entries.</param>
    /// <exception cref="CtrArgumentException"><c>InvalidKeyValue</c>: a key is empty.</exception>
    public CtrKeyValues(IDictionary values)
        : base(StringComparer.Ordinal)
    {
        ArgumentNullException.ThrowIfNull(values);
        foreach (var key in values.Keys)
            this[RequireKey(Text(key), "")] = values[key] is null ? null : Text(values[key]);
    }

    /// <summary>Whether this is one key without a value. A filter then accepts any value.</summary>
    public bool IsKeyAlone { get; set; }

    /// <summary>The entries on one line.</summary>
    /// <returns>A text such as <c>app=web, tier=front</c>.</returns>
    public override string ToString() => string.Join(", ", this.Select(e => IsKeyAlone ? e.Key : $"{e.Key}={e.Value}"));

    private static string RequireKey(string key, string text) =>
        key.Length > 0
            ? key
            : throw new CtrArgumentException($"'{text}' has no key. {Form}")
            {
                ErrorId = ErrorIds.InvalidKeyValue,
                Subject = text,
                Remedy = Form,
            };

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
