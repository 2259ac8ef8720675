using System.Collections;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Converts texts, numbers and objects to a value such as a length of time.
/// <para>
/// PowerShell parses <c>7d</c> as the decimal 7, <c>10s</c> as an Int16 and <c>500us</c> as a UInt16, and keeps the typed text only for
/// arguments. If the text is available, it is used. A decimal without it is rejected: 7 days and 7 look the same.
/// </para>
/// </summary>
/// <typeparam name="T">The type of the value, which is not nullable: a Nullable parameter never gets the text.</typeparam>
public abstract class CtrValueConverter<T> : OneWayConverter<T>
    where T : struct
{
    private const string Copied = "Deserialized.";

    /// <summary>The noun for messages, such as "a length of time".</summary>
    private protected abstract string Noun { get; }

    /// <summary>The accepted forms, as a sentence.</summary>
    private protected abstract string Form { get; }

    /// <summary>The error id for invalid values.</summary>
    private protected abstract string ErrorId { get; }

    /// <summary>The property that contains the value of a copy from a job or a remote session.</summary>
    private protected abstract string ValueProperty { get; }

    private protected abstract T Parse(string text);

    private protected abstract T FromNumber(double number);

    private protected abstract T FromWholeNumber(long number);

    /// <summary>The value of an object that is neither text nor a number.</summary>
    private protected abstract T? FromObject(object value);

    /// <summary>Whether the text of a number has the same meaning as the number: 0x10, 1e3.</summary>
    private protected abstract bool IsPlainNumber(string text);

    private protected override T Convert(object? value)
    {
        var plain = value is PSObject wrapped ? wrapped.BaseObject : value;
        return plain switch
        {
            T same => same,
            string text => Parse(text),
            char one => Parse(one.ToString()),
            PSCustomObject => FromCopy((PSObject)value!),
            null or IEnumerable => throw Refusal(plain),
            _ when TypedNumber.IsNumber(plain) => OfNumber(value!, plain),
            _ => FromObject(plain) ?? throw Refusal(plain),
        };
    }

    private T OfNumber(object value, object number)
    {
        var typed = TypedNumber.TextOf(value);
        if (typed is not null && !IsPlainNumber(typed))
            return Parse(typed);
        if (number is decimal && typed is null)
        {
            var text = TypedNumber.Invariant(number);
            throw new CtrArgumentException(
                $"The value {text} is a System.Decimal, which PowerShell also creates from {text}d. "
                    + $"Put it in quotes: '{text}d' or '{text}'."
            )
            {
                ErrorId = ErrorId,
                Subject = text,
            };
        }

        return TypedNumber.AsWhole(number) is { } whole ? FromWholeNumber(whole) : FromNumber(TypedNumber.AsDouble(number));
    }

    private T FromCopy(PSObject copy)
    {
        if (copy.TypeNames.Contains(Copied + typeof(T).FullName) && copy.Properties[ValueProperty]?.Value is { } held)
            return Convert(held);
        throw Refusal(copy);
    }

    private CtrArgumentException Refusal(object? value) => new($"A {TypeName(value)} is not {Noun}. {Form}") { ErrorId = ErrorId };
}
