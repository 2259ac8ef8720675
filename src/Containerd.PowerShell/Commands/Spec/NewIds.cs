using System.Management.Automation;
using System.Management.Automation.Language;

namespace Containerd.PowerShell;

/// <summary>
/// The ids of new objects: the first argument, or the items of the pipeline. PowerShell binds the argument at position 0 as the id even if
/// ids are piped in (<c>'a', 'b' | New-CtrContainer -Image busybox -- sleep 60</c>); it then belongs to the command.
/// </summary>
internal static class NewIds
{
    internal static IReadOnlyList<string> Of(string[] id, string[] piped, InvocationInfo invocation) =>
        invocation.ExpectingInput ? piped
        : id.Length > 0 ? id
        : [""];

    internal static IReadOnlyList<object?> Words(string[] id, object?[] command, InvocationInfo invocation) =>
        invocation.ExpectingInput switch
        {
            true when id.Length == 1 => [id[0], .. command],
            true when id.Length > 1 => [id.Cast<object>().ToArray(), .. command],
            _ => command,
        };

    /// <summary>
    /// Whether the id is the first argument of the command: PowerShell also binds arguments after <c>--</c> by position, and the user does
    /// not want a container named sleep that runs 60. The text of the line is examined; calls that span several lines or splat their
    /// arguments are not recognized.
    /// </summary>
    private static bool IsCommand(string id, InvocationInfo invocation)
    {
        if (!invocation.Line.Contains("-- ", StringComparison.Ordinal))
            return false;
        var call = (CommandAst?)
            Parser
                .ParseInput(invocation.Line, out _, out _)
                .Find(ast => ast is CommandAst && ast.Extent.StartOffset + 1 == invocation.OffsetInLine, searchNestedScriptBlocks: true);
        if (call is null || call.CommandElements.Any(element => element is VariableExpressionAst { Splatted: true }))
            return false;
        if (
            call.CommandElements.SkipWhile(element => element.Extent.Text != "--").Skip(1).FirstOrDefault()
                is not StringConstantExpressionAst first
            || first.Value != id
        )
            return false;
        // The binder ignores the --, but knows the arguments before it.
        return !StaticParameterBinder.BindCommand(call).BoundParameters.TryGetValue("Id", out var bound)
            || bound.Value.Extent.StartOffset > first.Extent.StartOffset;
    }

    /// <summary>Requires an id that exists and was meant as one.</summary>
    internal static string Require(string id, InvocationInfo invocation, bool isPiped)
    {
        if (id.Length == 0)
            throw new CtrArgumentException("An id is required.")
            {
                ErrorId = ErrorIds.InvalidId,
                Subject = id,
                Remedy = "Specify it as the first argument, such as web-1, or pipe ids in.",
            };
        if (isPiped || !IsCommand(id, invocation))
            return id;
        throw new CtrArgumentException($"An id is required: '{id}' is after --, and therefore belongs to the command.")
        {
            ErrorId = ErrorIds.InvalidId,
            Subject = id,
            Remedy = $"Put an id before the --, such as {invocation.MyCommand?.Name} web-1 … -- {id} …",
        };
    }
}
