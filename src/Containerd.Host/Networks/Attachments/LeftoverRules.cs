using System.Runtime.Versioning;
using System.Text;
using Containerd.Host.Native;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Processes;

namespace Containerd.Host.Networks.Attachments;

/// <summary>
/// Rules that plugins leave behind if a container is detached without its network namespace: the plugin bridge then removes no
/// masquerading. The rules name the network and the container in a comment, and jump to a chain of their own.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class LeftoverRules
{
    private const string Append = "-A ";
    private const string Chain = "CNI-";
    private const string Isolation = "CNI-ISOLATION-";
    private const string Nat = "nat";
    private const string Filter = "filter";
    private static readonly string[] Tools = ["iptables", "ip6tables"];

    /// <summary>A rule that names a container.</summary>
    /// <param name="Tool">The program.</param>
    /// <param name="Container">The CNI container id.</param>
    /// <param name="Network">The network's name.</param>
    /// <param name="Arguments">The rule, from the name of its chain on.</param>
    internal sealed record Rule(string Tool, string Container, string Network, IReadOnlyList<string> Arguments)
    {
        /// <summary>The chain that the rule jumps to; null if it is not one of a plugin.</summary>
        internal string? Target =>
            Arguments.SkipWhile(a => a != "-j").Skip(1).FirstOrDefault() is { } target && target.StartsWith(Chain, StringComparison.Ordinal)
                ? target
                : null;
    }

    /// <summary>The rules in the calling thread's network namespace.</summary>
    internal static IReadOnlyList<Rule> Find(TimeBudget budget)
    {
        var rules = new List<Rule>();
        foreach (var tool in Tools)
        {
            if (HostProgram.FindSystem(tool) is { } program && Run(program, ["-S"], budget) is { } text)
                rules.AddRange(text.Split('\n').Select(line => Parse(program, line)).OfType<Rule>());
        }

        return rules;
    }

    /// <summary>Removes rules and the chains that they jump to.</summary>
    /// <returns>The number of removed rules.</returns>
    internal static int Remove(IEnumerable<Rule> rules, TimeBudget budget)
    {
        var count = 0;
        var chains = new HashSet<(string Tool, string Chain)>();
        foreach (var rule in rules)
        {
            if (Run(rule.Tool, ["-D", .. rule.Arguments], budget) is not null)
                count++;
            // The chains CNI-HOSTPORT-… are those of all containers.
            if (rule.Target is { } chain && !chain.StartsWith("CNI-HOSTPORT", StringComparison.Ordinal))
                chains.Add((rule.Tool, chain));
        }

        foreach (var (tool, chain) in chains)
        {
            if (Run(tool, ["-F", chain], budget) is not null)
                _ = Run(tool, ["-X", chain], budget);
        }

        return count;
    }

    /// <summary>
    /// Removes the rules by which the plugin firewall separates a bridge from others. It adds them with the first container of a bridge,
    /// and never removes them.
    /// </summary>
    internal static void RemoveIsolation(string bridge, TimeBudget budget)
    {
        foreach (var program in Tools.Select(HostProgram.FindSystem).OfType<string>())
        {
            var rules = (Run(program, ["-S"], budget, Filter) ?? "")
                .Split('\n')
                .Where(line => line.StartsWith(Append + Isolation, StringComparison.Ordinal))
                .Select(line => Words(line[Append.Length..]))
                .Where(words => words.Contains(bridge));
            foreach (var rule in rules)
                _ = Run(program, ["-D", .. rule], budget, Filter);
        }
    }

    /// <summary>Reads a line of the tool's listing.</summary>
    /// <returns>The rule; null if the line is none, or names no container.</returns>
    internal static Rule? Parse(string tool, string line)
    {
        if (!line.StartsWith(Append, StringComparison.Ordinal))
            return null;
        var words = Words(line[Append.Length..]);
        var comment = words.SkipWhile(w => w != "--comment").Skip(1).FirstOrDefault();
        return
            comment is not null && Quoted(comment, "id: \"") is { Length: > 0 } id && Quoted(comment, "name: \"") is { Length: > 0 } network
            ? new Rule(tool, id, network, words)
            : null;
    }

    private static string? Quoted(string text, string before)
    {
        var start = text.IndexOf(before, StringComparison.Ordinal);
        if (start < 0)
            return null;
        start += before.Length;
        var end = text.IndexOf('"', start);
        return end < 0 ? null : text[start..end];
    }

    /// <summary>
    /// The words of a line, in which a word with blanks is in quotation marks, and a backslash stands before those inside.
    /// </summary>
    private static List<string> Words(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var quoted = false;
        var started = false;
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c == '\\' && i + 1 < line.Length)
            {
                word.Append(line[++i]);
                started = true;
            }
            else if (c == '"')
            {
                quoted = !quoted;
                started = true;
            }
            else if (c == ' ' && !quoted)
            {
                if (started)
                    words.Add(word.ToString());
                word.Clear();
                started = false;
            }
            else
            {
                word.Append(c);
                started = true;
            }
        }

        if (started)
            words.Add(word.ToString());
        return words;
    }

    private static string? Run(string program, IEnumerable<string> arguments, TimeBudget budget, string table = Nat)
    {
        try
        {
            // It waits for other programs that change rules.
            var result = LibcSpawn.Run(
                program,
                ["-w", "10", "-t", table, .. arguments],
                ["PATH=" + HostProgram.SearchPath([]), "LC_ALL=C"],
                [],
                budget.For(Requests.NetworkLimits.Plugin)
            );
            return result is { TimedOut: false, ExitCode: 0 } ? Encoding.UTF8.GetString(result.Output) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
