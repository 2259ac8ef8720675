using System.Collections;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Environment variables as a person gives them: hashtables, and texts such as NAME=value.</summary>
internal static class EnvironmentArgument
{
    internal static IReadOnlyList<string>? Read(object[]? values) => values?.SelectMany(Entries).ToList();

    private static IEnumerable<string> Entries(object value) => (value is PSObject wrapped ? wrapped.BaseObject : value) switch
    {
        IDictionary table => StringMap.Nullable(table).Select(e => e.Value is null ? e.Key : $"{e.Key}={e.Value}"),
        _ => [LanguagePrimitives.ConvertTo<string>(value)],
    };
}
