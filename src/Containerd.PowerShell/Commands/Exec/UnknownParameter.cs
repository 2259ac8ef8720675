using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Containerd.PowerShell;

/// <summary>
/// Finds misspelled parameters of a cmdlet that has a command. PowerShell adds a parameter that it does not know to the remaining
/// arguments, so <c>New-CtrContainer x -Memroy 64m -- sleep 100</c> would run <c>-Memroy</c>. The values do not show which word was typed
/// as a parameter; the command's own text does.
/// </summary>
internal static class UnknownParameter
{
    private const string EndOfParameters = "--";

    /// <summary>Rejects parameters that the cmdlet does not have.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="statement">The text of the command; empty if the engine does not have it, as for a call through its API.</param>
    /// <param name="first">The first word of the command that would run.</param>
    /// <exception cref="CtrArgumentException">UnknownParameter.</exception>
    internal static void Refuse(PSCmdlet cmdlet, string statement, string? first)
    {
        if (
            Parser.ParseInput(statement, out _, out _).Find(static ast => ast is CommandAst, searchNestedScriptBlocks: false)
            is not CommandAst command
        )
            return;
        var elements = command.CommandElements.Skip(1).ToList();
        var end = elements.FindIndex(static e => e is CommandParameterAst && e.Extent.Text == EndOfParameters);
        var parameters = (end < 0 ? elements : elements.Take(end))
            .OfType<CommandParameterAst>()
            .Select(static p => p.ParameterName)
            .ToList();
        var splatted = elements.OfType<VariableExpressionAst>().Where(static v => v.Splatted).SelectMany(v => Keys(cmdlet, v)).ToList();
        // With -Command, the arguments are in one array to which PowerShell adds nothing.
        if (parameters.Concat(splatted).Any(name => Resolve(cmdlet, name)?.Name == "Command"))
            return;

        // Without --, a word after the first one may also be an option of the command.
        var typed = end >= 0 ? parameters : parameters.Where(name => first == "-" + name || first == $"-{name}:").Take(1);
        if (typed.Concat(splatted).FirstOrDefault(name => Resolve(cmdlet, name) is null) is { } unknown)
            throw Error(cmdlet, unknown, end >= 0 || splatted.Contains(unknown));
    }

    private static IEnumerable<string> Keys(PSCmdlet cmdlet, VariableExpressionAst variable) =>
        cmdlet.GetVariableValue(variable.VariablePath.UserPath) is { } value
        && (value is PSObject wrapped ? wrapped.BaseObject : value) is IDictionary table
            ? table.Keys.Cast<object>().Select(static k => k.ToString() ?? "")
            : [];

    /// <summary>Finds the parameter for a name, an alias or a unique prefix.</summary>
    private static ParameterMetadata? Resolve(PSCmdlet cmdlet, string name)
    {
        var all = cmdlet.MyInvocation.MyCommand.Parameters.Values;
        return all.FirstOrDefault(p => Names(p).Contains(name, StringComparer.OrdinalIgnoreCase))
            ?? all.FirstOrDefault(p => Names(p).Any(n => n.StartsWith(name, StringComparison.OrdinalIgnoreCase)));
    }

    private static IEnumerable<string> Names(ParameterMetadata parameter) => parameter.Aliases.Prepend(parameter.Name);

    private static CtrArgumentException Error(PSCmdlet cmdlet, string name, bool isCertain)
    {
        var command = cmdlet.MyInvocation.MyCommand.Name;
        var nearest = NearestName.Of(name, cmdlet.MyInvocation.MyCommand.Parameters.Values.SelectMany(Names));
        var remedy = nearest is null ? $"Get-Help {command} lists the parameters." : $"Use -{nearest}.";
        return new CtrArgumentException($"{command} has no parameter -{name}.")
        {
            ErrorId = ErrorIds.UnknownParameter,
            Subject = name,
            Remedy = isCertain ? remedy : $"{remedy} To pass -{name} to the command, put {EndOfParameters} before the command.",
        };
    }
}
