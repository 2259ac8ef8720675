using System.Net;
using System.Net.Sockets;

namespace Containerd;

/// <summary>
/// Reads IP addresses strictly. .NET also accepts the forms of the C library, in which <c>10.1</c> is 10.0.0.1 and <c>010.0.0.1</c> is
/// 8.0.0.1, and scopes of interfaces, which mean nothing in another network namespace.
/// </summary>
internal static class AddressText
{
    /// <summary>The address of a text, optionally with the brackets that enclose an IPv6 address.</summary>
    internal static bool TryParse(string text, out IPAddress address)
    {
        var plain = text is ['[', .. var inner, ']'] ? inner : text;
        address = IPAddress.None;
        if (!IPAddress.TryParse(plain, out var parsed) || parsed.IsIPv4MappedToIPv6)
            return false;
        address = parsed;
        return parsed.AddressFamily == AddressFamily.InterNetworkV6
            ? plain.Contains(':', StringComparison.Ordinal) && !plain.Contains('%', StringComparison.Ordinal)
            : plain == text && parsed.ToString() == plain;
    }

    /// <summary>The usual form of an address; a text that is not one stays as it is.</summary>
    internal static string Normalize(string text) => text is not null && TryParse(text, out var address) ? address.ToString() : text!;
}
