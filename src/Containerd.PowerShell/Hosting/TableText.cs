using System.Management.Automation;
using System.Numerics;

namespace Containerd.PowerShell;

/// <summary>
/// The keys and values of a hashtable as text. PowerShell parses <c>@{ TTL = 7d }</c> as the decimal 7, <c>10s</c> as an Int16 and
/// <c>500us</c> as a UInt16, and a hashtable does not keep the typed text. Numbers of types that only such a suffix produces are rejected.
/// </summary>
internal static class TableText
{
    /// <summary>The text of a key or value.</summary>
    /// <param name="value">The key or value.</param>
    /// <param name="key">The key of a value; null for a key itself.</param>
    /// <exception cref="CtrArgumentException">A number whose text is lost (UnquotedValue).</exception>
    internal static string? Of(object? value, string? key = null)
    {
        if (value is null)
            return null;
        var plain = value is PSObject wrapped ? wrapped.BaseObject : value;
        var suffix = plain switch
        {
            decimal => "d",
            short => "s",
            ushort => "us",
            sbyte => "y",
            BigInteger => "n",
            _ => null,
        };
        if (suffix is null || TypedNumber.TextOf(value) is not null)
            return LanguagePrimitives.ConvertTo<string>(value);
        var text = TypedNumber.Invariant(plain);
        var subject = key is null ? $"The key {text}" : $"The value {text} of '{key}'";
        var type = plain.GetType().FullName;
        throw new CtrArgumentException(
            $"{subject} is a {type}, which PowerShell also creates from {text}{suffix}. Put it in quotes: '{text}{suffix}' or '{text}'."
        )
        {
            ErrorId = ErrorIds.UnquotedValue,
            Subject = key ?? text,
        };
    }
}
