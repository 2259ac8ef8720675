using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Subnets;
using Containerd.Host.Processes;

namespace Containerd.Host.Networks.Rules;

/// <summary>
/// The rules by which the packets of a container leave with the address of the host, in the form of the plugins bridge and ptp: their
/// removal finds them by the same names and comments. The plugins themselves cannot be run again, because they would add an interface.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class Masquerading
{
    private const string Chain = "CNI-";
    private const int ChainDigits = 24;
    private const int CommentDigits = 16;
    private const int LongestComment = 128;

    /// <summary>Whether a plugin masquerades.</summary>
    internal static bool IsDoneBy(JsonObject plugin) => CniJson.Flag(plugin["ipMasq"]) && CniJson.Text(plugin["type"]) is "bridge" or "ptp";

    /// <summary>Whether the rules exist.</summary>
    internal static bool Exists(FirewallRules rules, CniNetwork network, CniCacheEntry entry)
    {
        if (UsesNftables(network))
            return rules.Nftables.Contains(InstanceOf(entry), StringComparison.Ordinal);
        var chain = ChainOf(entry);
        return entry.Addresses.All(address =>
            Of(rules, address) is var lines
            && lines.Any(l =>
                l.StartsWith($"-A POSTROUTING -s {Host(address)}", StringComparison.Ordinal)
                && l.EndsWith($"-j {chain}", StringComparison.Ordinal)
            )
            && lines.Any(l => l.StartsWith($"-A {chain} ", StringComparison.Ordinal) && l.EndsWith("MASQUERADE", StringComparison.Ordinal))
        );
    }

    /// <summary>Adds the rules that are missing.</summary>
    /// <returns>Whether it succeeded.</returns>
    internal static bool Add(CniNetwork network, CniCacheEntry entry, TimeBudget budget) =>
        UsesNftables(network) ? AddToNftables(entry, budget) : entry.Addresses.All(address => AddToIptables(entry, address, budget));

    private static bool UsesNftables(CniNetwork network) =>
        network.Plugins.FirstOrDefault(IsDoneBy) is { } plugin
        && (CniJson.Text(plugin["ipMasqBackend"]) is { } backend ? backend == "nftables" : HostProgram.FindSystem("iptables") is null);

    private static bool AddToIptables(CniCacheEntry entry, string address, TimeBudget budget)
    {
        var isV6 = IsV6(address);
        var (tool, multicast, chain) = (isV6 ? "ip6tables" : "iptables", isV6 ? "ff00::/8" : "224.0.0.0/4", ChainOf(entry));
        string[] comment = ["-m", "comment", "--comment", $"name: \"{entry.Network}\" id: \"{entry.ContainerId}\""];
        // It may exist.
        _ = Run("-N", chain);
        return Ensure(chain, "-d", $"{IpSubnet.TryParse(address)}", "-j", "ACCEPT")
            && Ensure(chain, "!", "-d", multicast, "-j", "MASQUERADE")
            && Ensure("POSTROUTING", "-s", address.Split('/')[0], "-j", chain);

        bool Ensure(string where, params string[] rule) =>
            Run("-C", [where, .. rule, .. comment]) is not null || Run("-A", [where, .. rule, .. comment]) is not null;

        string? Run(string command, params string[] rule) => FirewallRules.Run(tool, ["-w", "10", "-t", "nat", command, .. rule], budget);
    }

    private static bool AddToNftables(CniCacheEntry entry, TimeBudget budget)
    {
        var comment = $"{InstanceOf(entry)}, net: {entry.Network}, if: {entry.Interface}, id: {entry.ContainerId}";
        if (comment.Length > LongestComment)
            comment = comment[..LongestComment];
        const string Table = "inet cni_plugins_masquerade";
        var script = new StringBuilder()
            .AppendLine($"add table {Table}")
            .AppendLine($"add chain {Table} masq_checks")
            .AppendLine($"add chain {Table} postrouting {{ type nat hook postrouting priority 100 ; }}")
            .AppendLine($"flush chain {Table} postrouting")
            .AppendLine($"add rule {Table} postrouting ip daddr == 224.0.0.0/4 return")
            .AppendLine($"add rule {Table} postrouting ip6 daddr == ff00::/8 return")
            .AppendLine($"add rule {Table} postrouting goto masq_checks");
        foreach (var address in entry.Addresses)
        {
            var family = IsV6(address) ? "ip6" : "ip";
            script.AppendLine(
                $"add rule {Table} masq_checks {family} saddr == {address.Split('/')[0]} {family} daddr != {IpSubnet.TryParse(address)} "
                    + $"masquerade comment \"{comment}\""
            );
        }

        return FirewallRules.Run("nft", ["-f", "-"], budget, script.ToString()) is not null;
    }

    private static IReadOnlyList<string> Of(FirewallRules rules, string address) => IsV6(address) ? rules.V6 : rules.V4;

    private static bool IsV6(string address) => address.Contains(':', StringComparison.Ordinal);

    private static string Host(string address) => $"{address.Split('/')[0]}/{(IsV6(address) ? "128" : "32")} ";

    private static string ChainOf(CniCacheEntry entry) => Chain + Hash(entry.Network + entry.ContainerId)[..ChainDigits];

    private static string InstanceOf(CniCacheEntry entry) =>
        $"{Hash(entry.Network)[..CommentDigits]}-{Hash($"{entry.Interface}:{entry.ContainerId}")[..CommentDigits]}";

    private static string Hash(string text) => Convert.ToHexString(SHA512.HashData(Encoding.UTF8.GetBytes(text))).ToLowerInvariant();
}
