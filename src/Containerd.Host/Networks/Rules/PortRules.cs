using System.Globalization;
using System.Runtime.Versioning;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Rules;

/// <summary>The rules of the plugin portmap for the published ports of a container.</summary>
[SupportedOSPlatform("linux")]
internal static class PortRules
{
    private const string Dnat = "CNI-HOSTPORT-DNAT";

    private static readonly string[] Chains = ["PREROUTING", "OUTPUT"];

    /// <summary>Whether the rules exist: those of the container, and those by which packets come to them.</summary>
    internal static bool Exist(FirewallRules rules, CniCacheEntry entry, bool nftables) =>
        entry.Ports.All(port =>
            entry
                .Addresses.Select(a => a.Split('/')[0])
                .Where(a => port.HostAddress is null || IsV6(port.HostAddress) == IsV6(a))
                .All(a =>
                    nftables ? ExistInNftables(rules, entry, port, a) : ExistInIptables(IsV6(a) ? rules.V6 : rules.V4, entry, port, a)
                )
        );

    private static bool ExistInIptables(IReadOnlyList<string> lines, CniCacheEntry entry, RequestedPort port, string address)
    {
        var destination = Destination(port, address);
        return Chains.All(chain => Has(lines, $"-A {chain} ", $"-j {Dnat}"))
            && lines.Any(l => l.StartsWith($"-A {Dnat} ", StringComparison.Ordinal) && l.Contains(Quoted(entry), StringComparison.Ordinal))
            && lines.Any(l =>
                l.StartsWith("-A CNI-DN-", StringComparison.Ordinal)
                && l.EndsWith($"--to-destination {destination}", StringComparison.Ordinal)
                && l.Contains(string.Create(CultureInfo.InvariantCulture, $"--dport {port.HostPort} "), StringComparison.Ordinal)
            );
    }

    private static bool ExistInNftables(FirewallRules rules, CniCacheEntry entry, RequestedPort port, string address) =>
        rules
            .Nftables.Split('\n')
            .Any(l =>
                l.Contains($"dnat to {Destination(port, address)} ", StringComparison.Ordinal)
                && l.Contains($"comment \"{entry.ContainerId}\"", StringComparison.Ordinal)
            );

    private static bool Has(IReadOnlyList<string> lines, string start, string end) =>
        lines.Any(l => l.StartsWith(start, StringComparison.Ordinal) && l.EndsWith(end, StringComparison.Ordinal));

    // The tool writes a backslash before a quotation mark.
    private static string Quoted(CniCacheEntry entry) => $"id: \\\"{entry.ContainerId}\\\"";

    private static string Destination(RequestedPort port, string address) =>
        string.Create(CultureInfo.InvariantCulture, $"{(IsV6(address) ? $"[{address}]" : address)}:{port.ContainerPort}");

    private static bool IsV6(string address) => address.Contains(':', StringComparison.Ordinal);
}
