using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Converts values of callers to one type, and not back. Converters are registered in Containerd.Types.ps1xml instead of as attributes of
/// parameters, so that the engine uses them for all conversions: for a parameter, a cast or a typed variable, and in a Mock of Pester,
/// which removes transformation attributes.
/// </summary>
/// <typeparam name="T">The type to convert to.</typeparam>
public abstract class OneWayConverter<T> : PSTypeConverter
    where T : notnull
{
    // The converter rejects a value that cannot be converted, with a reason: other conversions of the engine would lose the text of a
    // number.
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
    /// The name of a value's type for messages: that of the original if the value is a copy from a job or a remote session.
    /// </summary>
    private protected static string TypeName(object? value) =>
        value is PSObject copy ? copy.TypeNames[0] : value?.GetType().FullName ?? "null";
}
