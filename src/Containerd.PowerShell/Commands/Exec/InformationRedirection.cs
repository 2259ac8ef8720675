using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;

namespace Containerd.PowerShell;

/// <summary>
/// Whether the information stream of a command is redirected (<c>6&gt;</c>, <c>*&gt;</c>). The engine has no public property for it, so the
/// text of the command is parsed, and that of the script blocks, functions and scripts around it.
/// </summary>
internal static class InformationRedirection
{
    internal static bool Applies(PSCmdlet cmdlet)
    {
        var own = StatementOf(cmdlet.MyInvocation);
        var frames = Runspace.DefaultRunspace?.Debugger?.GetCallStack().ToList() ?? [];
        return Redirects(own)
            || frames.Any(static frame => Redirects(StatementOf(frame.InvocationInfo)))
            || frames.Zip(frames.Skip(1)).Any(static pair => IsRedirected(pair.First, pair.Second));
    }

    private static string? StatementOf(InvocationInfo call) => PSObject.AsPSObject(call).Properties["Statement"]?.Value as string;

    /// <summary>
    /// Whether code without its own call is redirected by the statement that runs it: a block of ForEach-Object, or the text of
    /// Invoke-Expression, has a frame without a call. A statement may be a pipeline in which another command is redirected.
    /// </summary>
    private static bool IsRedirected(CallStackFrame code, CallStackFrame caller)
    {
        if (StatementOf(code.InvocationInfo) is { Length: > 0 } call && call != StatementOf(caller.InvocationInfo))
            return false;
        var redirected = Commands(caller.Position?.Text).Where(IsRedirected).ToList();
        if (redirected.Count == 0)
            return false;
        var (inner, outer) = (code.Position, caller.Position!);
        var start = inner.StartOffset - outer.StartOffset;
        var isWithin =
            inner.File == outer.File
            && start > 0
            && start + inner.Text.Length <= outer.Text.Length
            && outer.Text.AsSpan(start).StartsWith(inner.Text, StringComparison.Ordinal);
        return isWithin ? redirected.Any(c => c.Extent.StartOffset <= start && start < c.Extent.EndOffset) : redirected.Any(RunsOtherCode);
    }

    /// <summary>Whether a command may run code that is not part of its text: a string, or a block in a variable.</summary>
    private static bool RunsOtherCode(CommandBaseAst command) =>
        command is not CommandAst call
        || call.InvocationOperator != TokenKind.Unknown
        || call.GetCommandName() is { } name
            && (
                name.Equals("iex", StringComparison.OrdinalIgnoreCase)
                || name.EndsWith("Invoke-Expression", StringComparison.OrdinalIgnoreCase)
            )
        || call.CommandElements.Skip(1)
            .Any(static e => e.Find(static a => a is VariableExpressionAst, searchNestedScriptBlocks: false) is not null);

    private static bool Redirects(string? statement) => Commands(statement).Any(IsRedirected);

    private static IEnumerable<CommandBaseAst> Commands(string? statement) =>
        string.IsNullOrEmpty(statement) || !statement.Contains('>', StringComparison.Ordinal)
            ? []
            : Parser
                .ParseInput(statement, out _, out _)
                .FindAll(static a => a is CommandBaseAst, searchNestedScriptBlocks: false)
                .Cast<CommandBaseAst>();

    private static bool IsRedirected(CommandBaseAst command) =>
        command.Redirections.Any(static r => r.FromStream is RedirectionStream.Information or RedirectionStream.All);
}
