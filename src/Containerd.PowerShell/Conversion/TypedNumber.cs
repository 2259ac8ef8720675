using System.Globalization;
using System.Management.Automation;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Containerd.PowerShell;

/// <summary>
/// Numbers as arguments of a cmdlet, and the text that was typed for them, which the engine keeps in their wrapper for literal arguments.
/// </summary>
internal static partial class TypedNumber
{
    internal static bool IsNumber(object value) =>
        value is BigInteger || (!value.GetType().IsEnum && Type.GetTypeCode(value.GetType()) is >= TypeCode.SByte and <= TypeCode.Decimal);

    /// <summary>The text if it differs from the number; null if it is not available.</summary>
    internal static string? TextOf(object value)
    {
        if (value is not PSObject wrapped || !IsNumber(wrapped.BaseObject))
            return null;
        var text = LanguagePrimitives.ConvertTo<string>(wrapped);
        return text == Invariant(wrapped.BaseObject) ? null : text;
    }

    /// <summary>
    /// Whether a number can be used as a name: its text is available, or its type results from counting or reading without a suffix.
    /// </summary>
    internal static bool IsName(object value) =>
        (value is PSObject wrapped ? wrapped.BaseObject : value) is int or long || TextOf(value) is not null;

    internal static string NotAName(object value, string noun)
    {
        var text = LanguagePrimitives.ConvertTo<string>(value);
        var type = (value is PSObject wrapped ? wrapped.BaseObject : value).GetType().FullName;
        return $"The value {text} is a {type}, and does not show how it was typed, such as {text}d or {text}s: it does not name "
            + $"{noun}. Put it in quotes.";
    }

    internal static string Invariant(object number) => System.Convert.ToString(number, CultureInfo.InvariantCulture) ?? "";

    /// <summary>
    /// Whether a text is a number in PowerShell's other notations, without a letter for its type: hexadecimal, binary, or with an exponent.
    /// </summary>
    internal static bool IsOtherNotation(string text) => Notation().IsMatch(text);

    internal static long? AsWhole(object number) =>
        number switch
        {
            double or float or decimal => null,
            ulong large => large <= long.MaxValue ? (long)large : null,
            BigInteger big => big >= long.MinValue && big <= long.MaxValue ? (long)big : null,
            _ => System.Convert.ToInt64(number, CultureInfo.InvariantCulture),
        };

    internal static double AsDouble(object number) =>
        number is BigInteger big ? (double)big : System.Convert.ToDouble(number, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^[+-]?(0x[0-9a-f]+|0b[01]+|(\d+\.?\d*|\.\d+)e[+-]?\d+)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Notation();
}
