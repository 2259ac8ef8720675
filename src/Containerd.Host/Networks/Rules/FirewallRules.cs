using System.Runtime.Versioning;
using System.Text;
using Containerd.Host.Native;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Processes;

namespace Containerd.Host.Networks.Rules;

/// <summary>
/// The rules of a network namespace as text, of iptables and nftables, as far as the host has the programs. It is read once, and tells
/// which rules of a container are missing.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class FirewallRules
{
    private static readonly string[] Tables = ["nat", "filter"];

    /// <summary>The lines of iptables-save's form for IPv4.</summary>
    internal IReadOnlyList<string> V4 { get; private init; } = [];

    private static readonly string[] PluginTables = ["ip cni_hostport", "ip6 cni_hostport", "inet cni_plugins_masquerade"];

    /// <summary>The lines of ip6tables for IPv6.</summary>
    internal IReadOnlyList<string> V6 { get; private init; } = [];

    private readonly Dictionary<string, string[]?> _zones = [];
    private readonly TimeBudget _budget;

    private FirewallRules(TimeBudget budget) => _budget = budget;

    /// <summary>The text of the tables of nftables that plugins make.</summary>
    internal string Nftables { get; private init; } = "";

    /// <summary>Reads the rules in the calling thread's network namespace.</summary>
    internal static FirewallRules Read(TimeBudget budget) =>
        new(budget)
        {
            V4 = Lines("iptables", budget),
            V6 = Lines("ip6tables", budget),
            Nftables = string.Concat(PluginTables.Select(table => Run("nft", ["list", "table", .. table.Split(' ')], budget) ?? "")),
        };

    /// <summary>The addresses that firewalld has in a zone.</summary>
    /// <param name="zone">The zone.</param>
    /// <returns>The addresses, with or without a length; null if firewalld does not run.</returns>
    internal IReadOnlyList<string>? Sources(string zone)
    {
        const string Program = "firewall-cmd";
        if (!_zones.TryGetValue(zone, out var sources))
            _zones[zone] = sources = Run(Program, ["--state"], _budget) is null
                ? null
                : (Run(Program, [$"--zone={zone}", "--list-sources"], _budget) ?? "").Split((char[])[' ', '\n']);
        return sources;
    }

    /// <summary>Runs a program of the host.</summary>
    /// <returns>Its standard output; null if it does not exist or fails.</returns>
    internal static string? Run(string name, IReadOnlyList<string> arguments, TimeBudget budget, string input = "")
    {
        if (HostProgram.FindSystem(name) is not { } program)
            return null;
        try
        {
            var result = LibcSpawn.Run(
                program,
                arguments,
                ["PATH=" + HostProgram.SearchPath([]), "LC_ALL=C"],
                Encoding.UTF8.GetBytes(input),
                budget.For(Requests.NetworkLimits.Plugin)
            );
            return result is { TimedOut: false, ExitCode: 0 } ? Encoding.UTF8.GetString(result.Output) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static List<string> Lines(string tool, TimeBudget budget) =>
        [.. Tables.SelectMany(table => (Run(tool, ["-w", "10", "-t", table, "-S"], budget) ?? "").Split('\n'))];
}
