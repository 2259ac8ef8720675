using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;

namespace Containerd.PowerShell;

/// <summary>
/// Whether the information stream of a command is redirected (<c>6&gt;</c>, <c>*&gt;</c>). The engine has no public property for it, so the text of the command is read, and that of the script blocks,
/// functions and scripts around it.
/// </summary>
internal static class InformationRedirection
{
    internal static bool Applies(PSCmdlet cmdlet)
    {
        var own = PSObject.AsPSObject(cmdlet.MyInvocation).Properties["Statement"]?.Value as string;
        return Redirects(own) || (Runspace.DefaultRunspace?.Debugger?.GetCallStack().Any(IsRedirected) ?? false);
    }

    /// <summary>The call of a frame, and the statement that it executes now: a block of a ForEach-Object has a frame without a call.</summary>
    private static bool IsRedirected(CallStackFrame frame) =>
        Redirects(PSObject.AsPSObject(frame.InvocationInfo).Properties["Statement"]?.Value as string) || RedirectsBlock(frame.Position?.Text);

    private static bool Redirects(string? statement) => Commands(statement).Any(IsRedirected);

    /// <summary>A statement may be a whole pipeline: only a command that has a script block can redirect what runs in it.</summary>
    private static bool RedirectsBlock(string? statement) =>
        Commands(statement).Any(static c => IsRedirected(c) && c.Find(static a => a is ScriptBlockExpressionAst, searchNestedScriptBlocks: false) is not null);

    private static IEnumerable<CommandBaseAst> Commands(string? statement) =>
        string.IsNullOrEmpty(statement) || !statement.Contains('>', StringComparison.Ordinal)
            ? []
            : Parser.ParseInput(statement, out _, out _).FindAll(static a => a is CommandBaseAst, searchNestedScriptBlocks: false).Cast<CommandBaseAst>();

    private static bool IsRedirected(CommandBaseAst command) => command.Redirections.Any(static r => r.FromStream is RedirectionStream.Information or RedirectionStream.All);
}
