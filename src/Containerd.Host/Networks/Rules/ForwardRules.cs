using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Plugins;

namespace Containerd.Host.Networks.Rules;

/// <summary>The rules of the plugin firewall, by which packets of a container are forwarded.</summary>
[SupportedOSPlatform("linux")]
internal static class ForwardRules
{
    private const string Chain = "CNI-FORWARD";
    private const string Firewalld = "firewalld";
    private const string Isolation = "CNI-ISOLATION-STAGE-1";

    /// <summary>Whether a plugin adds such rules.</summary>
    internal static bool IsDoneBy(JsonObject plugin) => CniJson.Text(plugin["type"]) == "firewall";

    /// <summary>Whether the rules exist.</summary>
    internal static bool Exist(FirewallRules rules, CniNetwork network, CniCacheEntry entry)
    {
        var plugin = network.Plugins.First(IsDoneBy);
        var backend = CniJson.Text(plugin["backend"]) ?? "";
        // The plugin uses firewalld wherever it runs, unless its configuration says otherwise.
        var sources = backend == "iptables" ? null : rules.Sources(CniJson.Text(plugin["firewalldZone"]) ?? "trusted");
        // A reload of firewalld removes the addresses; whether they are there cannot be seen without it.
        if (sources is null && backend == Firewalld)
            return true;
        var isIsolated = network.IngressPolicy is { Length: > 0 } policy && policy != "open";
        return entry
            .Addresses.Select(a => a.Split('/')[0])
            .All(address =>
            {
                var isV6 = address.Contains(':', StringComparison.Ordinal);
                var lines = isV6 ? rules.V6 : rules.V4;
                var host = $"{address}/{(isV6 ? "128" : "32")}";
                var isForwarded = sources is null
                    ? lines.Any(l => IsJump(l, Chain)) && lines.Contains($"-A {Chain} -s {host} -j ACCEPT")
                    : sources.Contains(address) || sources.Contains(host);
                return isForwarded && (!isIsolated || lines.Any(l => IsJump(l, Isolation)));
            });
    }

    private static bool IsJump(string line, string chain) =>
        line.StartsWith("-A FORWARD ", StringComparison.Ordinal) && line.EndsWith($"-j {chain}", StringComparison.Ordinal);
}
