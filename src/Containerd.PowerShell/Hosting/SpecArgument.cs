using System.Collections;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>A spec as users specify it: a CtrSpec, a hashtable or custom object with its structure, or JSON text.</summary>
internal static class SpecArgument
{
    internal static CtrSpec Read(object value) =>
        (value is PSObject wrapped && wrapped.BaseObject is not PSCustomObject ? wrapped.BaseObject : value) switch
        {
            CtrSpec spec => spec,
            string json => CtrSpec.Parse(json),
            IDictionary table => CtrSpec.FromDictionary((IDictionary)Plain(table)!),
            PSObject custom => CtrSpec.FromDictionary((IDictionary)Plain(custom)!),
            var other => throw new CtrArgumentException($"A {other.GetType().Name} is not a spec.")
            {
                ErrorId = ErrorIds.InvalidSpec,
                Remedy = "Use a CtrSpec (New-CtrSpec), a hashtable, or JSON text.",
            },
        };

    /// <summary>The same value without PowerShell's wrappers.</summary>
    internal static object? Plain(object? value)
    {
        switch (value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value)
        {
            case IDictionary table:
                var copy = new Hashtable(StringComparer.Ordinal);
                foreach (DictionaryEntry entry in table)
                    copy[LanguagePrimitives.ConvertTo<string>(entry.Key)] = Plain(entry.Value);
                return copy;
            case PSObject custom:
                var map = new Hashtable(StringComparer.Ordinal);
                foreach (var property in custom.Properties)
                    map[property.Name] = Plain(property.Value);
                return map;
            case IList list and not byte[]:
                return list.Cast<object?>().Select(Plain).ToArray();
            case var plain:
                return plain;
        }
    }
}
