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
    private const string Isolation = "CNI-ISOLATION-STAGE-1";

    /// <summary>Whether a plugin adds such rules.</summary>
    internal static bool IsDoneBy(JsonObject plugin) => CniJson.Text(plugin["type"]) == "firewall";

    /// <summary>Whether the rules exist.</summary>
    internal static bool Exist(FirewallRules rules, CniNetwork network, CniCacheEntry entry)
    {
        // firewalld has its own rules, and restores them.
        if (network.Plugins.Any(p => IsDoneBy(p) && CniJson.Text(p["backend"]) == "firewalld"))
            return true;
        var isIsolated = network.IngressPolicy is { Length: > 0 } policy && policy != "open";
        return entry
            .Addresses.Select(a => a.Split('/')[0])
            .All(address =>
            {
                var isV6 = address.Contains(':', StringComparison.Ordinal);
                var lines = isV6 ? rules.V6 : rules.V4;
                return lines.Any(l => IsJump(l, Chain))
                    && lines.Contains($"-A {Chain} -s {address}/{(isV6 ? "128" : "32")} -j ACCEPT")
                    && (!isIsolated || lines.Any(l => IsJump(l, Isolation)));
            });
    }

    private static bool IsJump(string line, string chain) =>
        line.StartsWith("-A FORWARD ", StringComparison.Ordinal) && line.EndsWith($"-j {chain}", StringComparison.Ordinal);
}
