using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Containerd.Oci;

namespace Containerd.PowerShell;

/// <summary>Matches name parameters with images.</summary>
internal static partial class ImageNames
{
    internal static bool IsPattern(string name) => WildcardPattern.ContainsWildcardCharacters(Escaped(name));

    /// <summary>Matches a name, in full or in short, or a wildcard.</summary>
    internal static Func<string, bool> Named(string name) =>
        IsPattern(name) ? Matcher(name) : other => other == name || ImageReference.Shorten(other) == name || other == Full(name);

    /// <summary>A wildcard matches the full name, or the short name that a user would write.</summary>
    internal static Func<string, bool> Matcher(string pattern)
    {
        var wildcard = NamePattern.Get(Escaped(pattern), WildcardOptions.IgnoreCase);
        return name => wildcard.IsMatch(name) || wildcard.IsMatch(ImageReference.Shorten(name));
    }

    private static string? Full(string name)
    {
        try
        {
            return ImageReference.Normalize(name);
        }
        catch (CtrArgumentException)
        {
            return null;
        }
    }

    // The brackets of [::1]:5000/x belong to the address of a registry and are not a set of characters.
    private static string Escaped(string name) =>
        Address().Match(name) is { Success: true } match
        && IPAddress.TryParse(match.Groups["address"].ValueSpan, out var address)
        && address.AddressFamily == AddressFamily.InterNetworkV6
            ? $"`[{match.Groups["address"].Value}`]{name[match.Length..]}"
            : name;

    [GeneratedRegex(@"^\[(?<address>[a-fA-F0-9:]+)\](?=[:/*?])")]
    private static partial Regex Address();
}
