using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Converts what callers give to one type, and nothing back. Converters are registered in Containerd.Types.ps1xml and are not attributes of
/// parameters, so that the engine asks them wherever it converts: for a parameter, a cast or a typed variable, and in a Mock of Pester,
/// which removes transformation attributes.
/// </summary>
/// <typeparam name="T">The type to convert to.</typeparam>
public abstract class OneWayConverter<T> : PSTypeConverter
    where T : notnull
{
    // A value that cannot be converted is refused by the converter, with a reason: the engine's other ways would lose the text of a number.
    public override bool CanConvertFrom(object sourceValue, Type destinationType) => destinationType == typeof(T);

    public override bool CanConvertFrom(PSObject sourceValue, Type destinationType) => destinationType == typeof(T);

    public override bool CanConvertTo(object sourceValue, Type destinationType) => false;

    public override bool CanConvertTo(PSObject sourceValue, Type destinationType) => false;

    public override object ConvertFrom(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        Convert(sourceValue);

    public override object ConvertFrom(PSObject sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        Convert(sourceValue);

    public override object ConvertTo(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        throw new NotSupportedException();

    public override object ConvertTo(PSObject sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        throw new NotSupportedException();

    private protected abstract T Convert(object? value);

    /// <summary>
    /// The name of a value's type for messages: that of the original where the value is a copy from a job or a remote session.
    /// </summary>
    private protected static string TypeName(object? value) =>
        value is PSObject copy ? copy.TypeNames[0] : value?.GetType().FullName ?? "null";
}
