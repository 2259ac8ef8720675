using System.Collections;
using System.Globalization;

namespace Containerd;

/// <summary>
/// Keys with values, as the parameters -Label, -Annotation and -Sysctl take them: one text such as <c>app=web</c>, or a hashtable with
/// several entries. A text without
/// <c>=</c> is a key alone, whose value is empty. A null value removes the key where a cmdlet changes an object. A <c>Mock</c> reads
/// <c>$Label.app</c>, as from a hashtable.
/// </summary>
public sealed class CtrKeyValues : Dictionary<string, string?>
{
    private const string Form = "Use key=value, or a hashtable such as @{ app = 'web' }.";

    /// <summary>Makes an object without entries.</summary>
    public CtrKeyValues()
        : base(StringComparer.Ordinal) { }

    /// <summary>Makes entries of a text such as <c>app=web</c>. The first <c>=</c> separates key and value.</summary>
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

    /// <summary>Makes entries of a hashtable or another dictionary, each key and value as text. A null value stays null.</summary>
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
