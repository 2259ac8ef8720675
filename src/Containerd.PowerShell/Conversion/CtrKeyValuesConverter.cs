using System.Collections;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Converts hashtables, and texts such as key=value, to <see cref="CtrKeyValues"/>. It is registered in Containerd.Types.ps1xml and not an attribute of the parameters: Pester's Mock removes
/// transformation attributes, and converts all the same.
/// </summary>
public sealed class CtrKeyValuesConverter : PSTypeConverter
{
    public override bool CanConvertFrom(object sourceValue, Type destinationType) => destinationType == typeof(CtrKeyValues);

    public override bool CanConvertFrom(PSObject sourceValue, Type destinationType) => destinationType == typeof(CtrKeyValues);

    public override bool CanConvertTo(object sourceValue, Type destinationType) => false;

    public override bool CanConvertTo(PSObject sourceValue, Type destinationType) => false;

    public override object ConvertFrom(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) => Convert(sourceValue);

    public override object ConvertFrom(PSObject sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) => Convert(sourceValue);

    public override object ConvertTo(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) => throw new NotSupportedException();

    public override object ConvertTo(PSObject sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) => throw new NotSupportedException();

    private static CtrKeyValues Convert(object? value)
    {
        var plain = value is PSObject wrapped ? wrapped.BaseObject : value;
        return plain switch
        {
            CtrKeyValues same => same,
            // Values such as [version] and [double] become text as PowerShell writes them.
            IDictionary table => new CtrKeyValues(StringMap.Nullable(table)),
            string text => new CtrKeyValues(text),
            char one => new CtrKeyValues(one.ToString()),
            // A copy from a job or a remote session, whose properties are text.
            PSCustomObject when ((PSObject)value!).TypeNames.Contains("Deserialized." + typeof(CtrKeyValues).FullName) => new CtrKeyValues(value.ToString()!),
            not null when TypedNumber.IsNumber(plain) => new CtrKeyValues(LanguagePrimitives.ConvertTo<string>(value)),
            _ => throw new CtrArgumentException(
                $"A {(value is PSObject copy ? copy.TypeNames[0] : value?.GetType().FullName ?? "null")} is not a key with a value. Use key=value, or a hashtable such as @{{ app = 'web' }}.")
            {
                ErrorId = "InvalidKeyValue",
            },
        };
    }
}
