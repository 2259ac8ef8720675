using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>How a name parameter finds images.</summary>
internal static class ImageNames
{
    internal static bool IsPattern(string name) => WildcardPattern.ContainsWildcardCharacters(name);

    /// <summary>What a wildcard matches: the full name, or the short one that a person would write.</summary>
    internal static Func<string, bool> Matcher(string pattern)
    {
        var wildcard = NamePattern.Get(pattern, WildcardOptions.IgnoreCase);
        return name => wildcard.IsMatch(name) || wildcard.IsMatch(ImageReference.Shorten(name));
    }
}
