using System.Globalization;

namespace Containerd.Client.Transport;

/// <summary>The version of a daemon as all objects show it: only the upstream number.</summary>
internal static class DaemonVersion
{
    /// <summary>
    /// Parses the version that a daemon reports: upstream builds put a <c>v</c> before it (v2.3.4), and packagers add to it (1.6.20~ds1).
    /// </summary>
    /// <param name="reported">The version of the answer to version.v1 Version.</param>
    /// <returns>The number, such as <c>2.3.4</c> or <c>2.1.0-rc.1</c>.</returns>
    internal static string Normalize(string reported)
    {
        var version = reported.Length > 1 && reported[0] == 'v' && char.IsAsciiDigit(reported[1]) ? reported[1..] : reported;
        var end = version.IndexOfAny(['~', '+', ' ']);
        return end < 0 ? version : version[..end];
    }

    /// <summary>Whether a version is at least a major one; an unknown version is not.</summary>
    internal static bool IsAtLeast(string version, int major) =>
        int.TryParse(version.TrimStart('v').Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var own) && own >= major;
}
