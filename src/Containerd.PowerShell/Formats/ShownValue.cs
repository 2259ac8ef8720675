using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// A property's value as views show it: all text in it, including lists and maps, has visible characters instead of control characters. The
/// property itself is not changed.
/// </summary>
internal static class ShownValue
{
    private static readonly string[] Naming = ["Name", "Id", "Key"];

    /// <summary>Makes the text in a value visible.</summary>
    /// <param name="value">The value: of an object of the model, or of a copy from a job or a remote session.</param>
    /// <param name="visible">The function that makes a text visible.</param>
    internal static object? Of(object? value, Func<string?, string> visible)
    {
        var item = value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;
        switch (item)
        {
            case null:
                return null;
            case string text:
                return visible(text);
            case IDictionary map:
                var shown = new Dictionary<string, object?>(StringComparer.Ordinal);
                foreach (DictionaryEntry entry in map)
                    shown[visible(Convert.ToString(entry.Key, CultureInfo.InvariantCulture))] = Of(entry.Value, visible);
                return shown;
            case Array { Length: > 0 } numbers when numbers.GetType().GetElementType()!.IsPrimitive:
                return numbers;
            case IEnumerable items:
                return items.Cast<object?>().Select(one => Of(one, visible)).ToArray();
            // An object from a job or a remote session is one of these itself, and formattable.
            case IFormattable and not PSObject:
                return value;
            default:
                // A nested object is shown as its text, or else as its name, which the engine would also use.
                var whole = value!.ToString();
                return visible(whole == item.GetType().ToString() ? Name(PSObject.AsPSObject(value)) ?? whole : whole);
        }
    }

    private static string? Name(PSObject item) =>
        Naming.Select(name => item.Properties[name]?.Value as string).FirstOrDefault(name => name is not null);
}
