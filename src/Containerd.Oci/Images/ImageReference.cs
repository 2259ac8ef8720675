using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Containerd.Oci.Images;

namespace Containerd.Oci;

/// <summary>The rules for short image names, as in Docker.</summary>
public static partial class ImageReference
{
    private const string DefaultDomain = "docker.io";
    private const string OfficialRepositories = "library/";

    /// <summary>
    /// Converts a short name to a full name: <c>busybox</c> is <c>docker.io/library/busybox:latest</c>. A name with a tag and a digest
    /// keeps only the digest, which is more specific.
    /// </summary>
    /// <param name="name">A name as users write it: <c>[domain[:port]/]path[:tag][@digest]</c>.</param>
    /// <returns>The full name.</returns>
    /// <exception cref="CtrArgumentException">InvalidImageName: the name breaks the rules.</exception>
    public static string Normalize(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Identifier().IsMatch(name))
            throw Invalid(name, "64 hexadecimal digits alone are an id, not a name");
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? "" : name[..slash];
        var hasDomain = slash >= 0 && (first.AsSpan().ContainsAny('.', ':') || first == "localhost" || first.Any(char.IsAsciiLetterUpper));
        var domain = hasDomain ? first : DefaultDomain;
        var rest = hasDomain ? name[(slash + 1)..] : name;
        if (domain == "index.docker.io")
            domain = DefaultDomain;
        if (domain == DefaultDomain && !rest.Contains('/', StringComparison.Ordinal))
            rest = OfficialRepositories + rest;

        var parts = Remainder().Match(rest);
        if (!parts.Success)
        {
            var path = rest.Split(':', '@')[0];
            throw Invalid(
                name,
                path.Any(char.IsAsciiLetterUpper)
                    ? "the repository must be lowercase"
                    : "it does not have the form [domain/]repository[:tag][@digest]"
            );
        }

        if (
            !Domain().IsMatch(domain)
            || (
                domain[0] == '['
                && !(
                    IPAddress.TryParse(domain[..(domain.IndexOf(']', StringComparison.Ordinal) + 1)], out var address)
                    && address.AddressFamily == AddressFamily.InterNetworkV6
                )
            )
        )
        {
            throw Invalid(name, $"'{domain}' is not a registry's host name");
        }

        if (
            RegistryReference.SplitPort(domain).Port is { Length: > 0 } digits
            && !(ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0)
        )
        {
            throw Invalid(name, $"the port in '{domain}' is not a number from 1 to 65535");
        }

        var repository = domain + "/" + parts.Groups["path"].Value;
        if (parts.Groups["path"].Length > 255)
            throw Invalid(name, "the repository is longer than 255 characters");
        if (parts.Groups["digest"] is { Success: true } digest)
            return repository + "@" + digest.Value;
        return repository + ":" + (parts.Groups["tag"] is { Success: true } tag ? tag.Value : "latest");
    }

    /// <summary>Whether a name follows the rules, in short or in full.</summary>
    internal static bool IsValid(string name)
    {
        try
        {
            return Normalize(name).Length > 0;
        }
        catch (CtrArgumentException)
        {
            return false;
        }
    }

    /// <summary>
    /// Converts a full name to the short name that users write: <c>docker.io/library/busybox:latest</c> is <c>busybox:latest</c>.
    /// </summary>
    /// <param name="name">A full name.</param>
    /// <returns>The name without the default domain and without <c>library/</c>; any other name as it is.</returns>
    public static string Shorten(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!name.StartsWith(DefaultDomain + "/", StringComparison.Ordinal))
            return name;
        var rest = name[(DefaultDomain.Length + 1)..];
        return rest.StartsWith(OfficialRepositories, StringComparison.Ordinal) ? rest[OfficialRepositories.Length..] : rest;
    }

    /// <summary>The part of a full name after the repository: the tag, or the digest with its @.</summary>
    internal static string ObjectOf(string name)
    {
        var at = name.AsSpan(name.LastIndexOf('/') + 1).IndexOfAny(':', '@');
        if (at < 0)
            return "";
        at += name.LastIndexOf('/') + 1;
        return name[at] == ':' ? name[(at + 1)..] : name[at..];
    }

    private static CtrArgumentException Invalid(string name, string reason) =>
        new($"'{name}' is not an image name: {reason}.")
        {
            ErrorId = ErrorIds.InvalidImageName,
            Subject = name,
            Remedy = "Write it like 'busybox', 'busybox:1.36' or 'registry.example.com:5000/team/app:2'.",
        };

    [GeneratedRegex(@"^[a-f0-9]{64}\z")]
    private static partial Regex Identifier();

    // A name, or an IPv6 address in brackets, without a zone and without an IPv4 address in it.
    [GeneratedRegex(
        @"^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?\z"
    )]
    private static partial Regex Domain();

    [GeneratedRegex(
        @"^(?<path>[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?<digest>sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128}))?\z"
    )]
    private static partial Regex Remainder();
}
