using System.Collections;
using System.Management.Automation;
using System.Runtime.CompilerServices;

namespace Containerd.PowerShell;

/// <summary>
/// Whether a parameter was specified. Durations, times and sizes have plain value types, because the engine does not pass the typed text to
/// a Nullable parameter. Therefore the default value shows nothing, and only the bound parameters do.
/// </summary>
internal static class GivenParameter
{
    /// <summary>The value of a parameter; null if the caller did not specify it. Only for the pipeline's thread.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="value">The parameter's property.</param>
    /// <param name="name">The parameter's name, taken from the property.</param>
    /// <exception cref="CtrArgumentException">$PSDefaultParameterValues has an invalid value for it (InvalidDefaultValue).</exception>
    internal static T? IfGiven<T>(this PSCmdlet cmdlet, T value, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : struct
    {
        if (cmdlet.MyInvocation.BoundParameters.ContainsKey(name))
            return value;
        RequireNoLostDefault<T>(cmdlet, name);
        return null;
    }

    /// <summary>
    /// The engine warns about a default value that cannot be converted, and continues without the parameter: Clear-CtrImage with the
    /// decimal 7d as the default for -OlderThan would remove images of any age.
    /// </summary>
    private static void RequireNoLostDefault<T>(PSCmdlet cmdlet, string name)
    {
        if (
            cmdlet.GetVariableValue("PSDefaultParameterValues") is not IDictionary { Count: > 0 } defaults
            || LanguagePrimitives.IsTrue(defaults["Disabled"])
        )
            return;
        foreach (DictionaryEntry entry in defaults)
        {
            var (key, value) = (entry.Key.ToString() ?? "", entry.Value);
            var colon = key.LastIndexOf(':');
            if (
                colon < 0
                || value is null or ScriptBlock
                || !Matches(key[..colon], cmdlet.MyInvocation.MyCommand.Name)
                || !Matches(key[(colon + 1)..], name)
                || LanguagePrimitives.TryConvertTo<T>(value, out _)
            )
                continue;
            throw new CtrArgumentException(
                $"The value '{value}' of $PSDefaultParameterValues['{key}'] cannot be used for -{name}, and PowerShell would run "
                    + "the command without it."
            )
            {
                ErrorId = ErrorIds.InvalidDefaultValue,
                Subject = key,
                Remedy = "Put a value with a unit in quotes, such as '7d' or '512m'.",
            };
        }

        static bool Matches(string pattern, string text)
        {
            try
            {
                return NamePattern.Get(pattern.Trim(' ', '\'', '"'), WildcardOptions.IgnoreCase).IsMatch(text);
            }
            catch (CtrArgumentException)
            {
                // The engine also ignores such a key.
                return false;
            }
        }
    }
}
