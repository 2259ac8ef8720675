using System.Management.Automation;
using Containerd.Client.Workloads.Stats;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Help;

/// <summary>What the module exports: the names of its commands and aliases, and of their parameters.</summary>
internal static class ExportedCommands
{
    private static readonly Lazy<Dictionary<string, List<(string Name, IReadOnlyList<string> Aliases)>>> All = new(() =>
    {
        using var engine = new Engine();
        return engine
            .Require("(Get-Module Containerd).ExportedCommands.Values")
            .Select(command => (CommandInfo)command.BaseObject)
            .ToDictionary(
                command => command.Name,
                command =>
                    command.Parameters.Values.Select(parameter => (parameter.Name, (IReadOnlyList<string>)[.. parameter.Aliases])).ToList(),
                StringComparer.OrdinalIgnoreCase
            );
    });

    public static IEnumerable<string> Names => All.Value.Keys;

    public static bool Has(string command) => All.Value.ContainsKey(command);

    /// <summary>
    /// Whether the engine would take this for a parameter of the command: its name, an alias, or the beginning of one alone.
    /// </summary>
    public static bool Has(string command, string parameter)
    {
        var parameters = All.Value[command];
        return parameters.Exists(known => known.Aliases.Append(known.Name).Contains(parameter, StringComparer.OrdinalIgnoreCase))
            || parameters.Count(known => known.Name.StartsWith(parameter, StringComparison.OrdinalIgnoreCase)) == 1;
    }
}
