using System.Globalization;
using System.Net;
using System.Runtime.Versioning;
using System.Text.Json;

namespace Containerd.Host.Networks.Subnets;

/// <summary>
/// The subnets in use on a host: those of its interfaces and routes, in the network namespace of a process, and those that Docker's
/// configuration reserves.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class HostSubnets
{
    private const string DockerConfig = "/etc/docker/daemon.json";

    // The addresses of loopback, multicast and broadcast, and of IPv6 links, are no subnets that containers could have.
    private static readonly IpSubnet[] Irrelevant =
    [
        .. new[] { "127.0.0.0/8", "224.0.0.0/4", "255.255.255.255/32", "::1/128", "fe80::/10", "ff00::/8" }.Select(text =>
            IpSubnet.TryParse(text)!.Value
        ),
    ];

    /// <summary>The subnets of the interfaces and routes that a process sees.</summary>
    /// <param name="pid">The process.</param>
    /// <exception cref="IOException">It has exited.</exception>
    internal static IReadOnlyList<UsedSubnet> Of(int pid)
    {
        var folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/net");
        return
        [
            .. V4(File.ReadAllText($"{folder}/fib_trie")),
            // It does not exist without IPv6.
            .. File.Exists($"{folder}/ipv6_route") ? V6(File.ReadAllText($"{folder}/ipv6_route")) : [],
        ];
    }

    /// <summary>The subnets that Docker's configuration reserves, whether or not Docker runs.</summary>
    /// <param name="root">The root directory of the host.</param>
    internal static IReadOnlyList<UsedSubnet> OfDocker(string root = "/")
    {
        var path = Path.Combine(root, DockerConfig.TrimStart('/'));
        try
        {
            return File.Exists(path) ? ReadDocker(File.ReadAllText(path)) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // Docker itself does not start with such a file.
            return [];
        }
    }

    /// <summary>
    /// The IPv4 subnets in the text of <c>/proc/net/fib_trie</c>: an address, and below it the length of each of its prefixes.
    /// </summary>
    internal static IEnumerable<UsedSubnet> V4(string text)
    {
        var address = IPAddress.Any;
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is ["|--", var leaf, ..])
                _ = IPAddress.TryParse(leaf, out address!);
            else if (words is [['/', .. var length], _, var kind, ..] && kind is "UNICAST" or "LOCAL")
                if (
                    int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var prefix)
                    && Used(new IpSubnet(address, prefix)) is { } used
                )
                    yield return used;
        }
    }

    /// <summary>
    /// The IPv6 subnets in the text of <c>/proc/net/ipv6_route</c>: destination and length in hexadecimal digits, …, interface.
    /// </summary>
    internal static IEnumerable<UsedSubnet> V6(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (
                words is [{ Length: 32 } destination, var length, ..]
                && int.TryParse(length, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var prefix)
                && Used(new IpSubnet(new IPAddress(Convert.FromHexString(destination)), prefix)) is { } used
            )
                yield return used;
        }
    }

    private static UsedSubnet? Used(IpSubnet subnet) =>
        subnet.Prefix > 0 && !Irrelevant.Any(other => other.Overlaps(subnet))
            ? new UsedSubnet(subnet, "an interface or route of the host")
            : null;

    private static List<UsedSubnet> ReadDocker(string text)
    {
        using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowTrailingCommas = true });
        var found = new List<UsedSubnet>();
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            return found;
        foreach (var property in document.RootElement.EnumerateObject())
        {
            if (property.Name is "bip" or "fixed-cidr" or "fixed-cidr-v6")
                Add(property.Value);
            else if (property is { Name: "default-address-pools", Value.ValueKind: JsonValueKind.Array })
                foreach (var pool in property.Value.EnumerateArray())
                    if (pool.ValueKind == JsonValueKind.Object && pool.TryGetProperty("base", out var value))
                        Add(value);
        }

        return found;

        void Add(JsonElement value)
        {
            if (value.ValueKind == JsonValueKind.String && IpSubnet.TryParse(value.GetString()!) is { } subnet)
                found.Add(new UsedSubnet(subnet, "Docker's configuration"));
        }
    }
}
