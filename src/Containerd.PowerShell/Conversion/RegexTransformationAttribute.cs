using System.Management.Automation;
using System.Text.RegularExpressions;

namespace Containerd.PowerShell;

/// <summary>
/// Converts a text to a regular expression that ignores case, as -match and Select-String do; a [regex] keeps its own options. A line that
/// takes too long to compare is an error: the text of a log is not known in advance.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RegexTransformationAttribute : ArgumentTransformationAttribute
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (value is null or Regex { MatchTimeout.Ticks: > 0 })
            return value;
        if (value is not (string or Regex))
            throw new ArgumentTransformationMetadataException(
                $"A regular expression is expected, and not an object of the type {value.GetType()}."
            );
        var (text, options) = value is Regex regex ? (regex.ToString(), regex.Options) : ((string)value, RegexOptions.IgnoreCase);
        if (text.Length == 0)
            throw new ArgumentTransformationMetadataException(
                "An empty pattern matches every line. Use '.' for any line with a character."
            );
        try
        {
            return new Regex(text, options, Limit);
        }
        catch (RegexParseException e)
        {
            throw new ArgumentTransformationMetadataException($"'{text}' is not a valid regular expression: {e.Message}", e);
        }
    }
}
