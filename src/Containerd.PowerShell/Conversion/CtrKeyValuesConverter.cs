using System.Collections;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Converts hashtables, and texts such as key=value, to <see cref="CtrKeyValues"/>.</summary>
public sealed class CtrKeyValuesConverter : OneWayConverter<CtrKeyValues>
{
    private protected override CtrKeyValues Convert(object? value)
    {
        var plain = value is PSObject wrapped ? wrapped.BaseObject : value;
        return plain switch
        {
            CtrKeyValues same => same,
            // Values such as [version] and [double] are converted to text as PowerShell writes them.
            IDictionary table => new CtrKeyValues(StringMap.Nullable(table)),
            string text => new CtrKeyValues(text),
            char one => new CtrKeyValues(one.ToString()),
            // A copy from a job or a remote session, whose properties are text.
            PSCustomObject when ((PSObject)value!).TypeNames.Contains("Deserialized." + typeof(CtrKeyValues).FullName) => new CtrKeyValues(
                value.ToString()!
            ),
            not null when TypedNumber.IsNumber(plain) => new CtrKeyValues(LanguagePrimitives.ConvertTo<string>(value)),
            _ => throw new CtrArgumentException(
                $"A {TypeName(value)} is not a key with a value. Use key=value, or a hashtable such as @{{ app = 'web' }}."
            )
            {
                ErrorId = ErrorIds.InvalidKeyValue,
            },
        };
    }
}
