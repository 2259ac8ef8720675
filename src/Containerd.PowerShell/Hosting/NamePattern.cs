using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// The one place that creates wildcard patterns from the caller's text. PowerShell detects an invalid pattern such as 'x[' only when it is
/// used, and throws its own exception; here it is one error, before anything is read.
/// </summary>
internal static class NamePattern
{
    /// <summary>Creates a pattern.</summary>
    /// <param name="text">The text.</param>
    /// <param name="options">How it compares.</param>
    /// <exception cref="CtrArgumentException">The text is not a pattern (InvalidPattern).</exception>
    internal static WildcardPattern Get(string text, WildcardOptions options)
    {
        try
        {
            var pattern = WildcardPattern.Get(text, options);
            // It is parsed on first use.
            _ = pattern.IsMatch("");
            return pattern;
        }
        catch (WildcardPatternException e)
        {
            throw new CtrArgumentException($"'{text}' is not a valid wildcard pattern: a bracket is not closed, or a range is reversed.", e)
            {
                ErrorId = ErrorIds.InvalidPattern,
                Subject = text,
                Remedy = "Close the bracket, as in web[0-9]*. Put a backtick before a bracket of a name, in single quotes: 'web`[1`]'.",
            };
        }
    }
}
