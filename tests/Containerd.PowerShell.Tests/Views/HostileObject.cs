using System.Collections;
using System.Reflection;

namespace Containerd.PowerShell.Tests.Views;

/// <summary>
/// Objects of the model as a hostile image or container would fill them: control characters in every text that they hold, also inside of
/// lists, maps and other objects.
/// </summary>
internal static class HostileObject
{
    /// <summary>
    /// A colour, a question that a terminal answers at the prompt, a bell, C1 controls, DEL, a lone carriage return, and writing from right
    /// to left.
    /// </summary>
    public const string Text = "x\u001b[31m\u001b[6n\u0007\u009b6n\u0085\u007f\r\u202ey";

    private const int Deepest = 4;

    /// <summary>The types that a script can hold.</summary>
    public static IEnumerable<Type> Types =>
        typeof(CtrTask)
            .Assembly.GetExportedTypes()
            .Where(type =>
                type is { IsClass: true, IsAbstract: false }
                && !typeof(Exception).IsAssignableFrom(type)
                && type.GetConstructor([]) is not null
                && type != typeof(CtrMap)
                && type != typeof(CtrKeyValues)
            );

    public static object Of(Type type) => Filled(type, 0);

    /// <summary>Whether text has a character that a terminal would obey.</summary>
    public static bool IsDangerous(string text) =>
        text.ReplaceLineEndings("\n")
            .Any(c => (char.IsControl(c) && c is not ('\n' or '\t')) || c is >= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069');

    private static object Filled(Type type, int depth)
    {
        var made = Activator.CreateInstance(type)!;
        foreach (
            var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(p => p.GetIndexParameters().Length == 0 && p.SetMethod is { IsPublic: true })
        )
        {
            if (Value(property.PropertyType, depth + 1) is { } value)
                property.SetValue(made, value);
        }

        return made;
    }

    private static object? Value(Type type, int depth)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string) || type == typeof(object))
            return Text;
        if (type == typeof(DateTime))
            return new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Local);
        if (depth > Deepest || type.IsValueType)
            return null;
        if (type.IsArray)
        {
            if (type.GetElementType()!.IsValueType || Value(type.GetElementType()!, depth) is not { } element)
                return null;
            var array = Array.CreateInstance(type.GetElementType()!, 1);
            array.SetValue(element, 0);
            return array;
        }

        if (typeof(IDictionary).IsAssignableFrom(type) && type.GetConstructor([]) is not null)
        {
            var map = (IDictionary)Activator.CreateInstance(type)!;
            var arguments = type.GetInterfaces()
                .First(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IDictionary<,>))
                .GetGenericArguments();
            if (arguments[0] == typeof(string) && Value(arguments[1], depth) is { } entry)
                map[Text] = entry;
            return map;
        }

        return type.IsClass && type.GetConstructor([]) is not null ? Filled(type, depth) : null;
    }
}
