using System.Collections;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Environment variables as users specify them: hashtables, and strings such as NAME=value.</summary>
internal static class EnvironmentArgument
{
    internal static IReadOnlyList<string>? Read(object[]? values) => values?.SelectMany(Entries).ToList();

    /// <summary>Rejects a name that would be interpreted as another one: the text after its first '=' is the value.</summary>
    internal static string RequireName(string name) =>
        name.Length > 0 && !name.AsSpan().ContainsAny('=', '\0')
            ? name
            : throw new CtrArgumentException(
                name.Length == 0
                    ? "The name of an environment variable is empty."
                    : $"'{name.Replace("\0", "`0", StringComparison.Ordinal)}' is not the name of an environment variable: it "
                        + "contains '=' or a null character."
            )
            {
                ErrorId = ErrorIds.InvalidEnvironment,
                Subject = name,
                Remedy = "Use a name without '=', as in @{ NAME = 'value' }.",
            };

    private static IEnumerable<string> Entries(object value) =>
        (value is PSObject wrapped ? wrapped.BaseObject : value) switch
        {
            IDictionary table => StringMap
                .Nullable(table)
                .Select(e => e.Value is null ? RequireName(e.Key) : $"{RequireName(e.Key)}={e.Value}"),
            _ => [LanguagePrimitives.ConvertTo<string>(value)],
        };
}
