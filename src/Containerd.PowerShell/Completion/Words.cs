using System.Management.Automation;
using System.Management.Automation.Language;

namespace Containerd.PowerShell;

/// <summary>
/// Names as arguments of a command line. A name may come from an untrusted image or archive: PowerShell must interpret the completion as
/// exactly that name, and not as code, a parameter or a number.
/// </summary>
internal static class Words
{
    /// <summary>A name as an argument; in quotation marks unless PowerShell parses the bare word as the same text.</summary>
    internal static string Quoted(string text) => IsBare(text) ? text : $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";

    /// <summary>A word without its quotation marks. The engine has already closed it, and unescaped the quotation marks in it.</summary>
    internal static string Unquoted(string typed) =>
        typed switch
        {
            [var first, .. var rest] when IsQuote(first) => rest.Length > 0 && IsQuote(rest[^1]) ? rest[..^1] : rest,
            ['"', .. var rest] => rest.EndsWith('"') ? rest[..^1] : rest,
            _ => typed,
        };

    /// <summary>A completion; null for a name with control characters, which cannot be displayed and typed.</summary>
    internal static CompletionResult? Result(string written, string candidate) =>
        candidate.Length == 0 || CtrText.VisibleLine(candidate) != candidate
            ? null
            : new CompletionResult(written, candidate, CompletionResultType.ParameterValue, candidate);

    private static bool IsQuote(char c) => c is '\'' or (>= '\u2018' and <= '\u201B');

    private static bool IsBare(string text) =>
        text.Length > 0
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '/' or ':' or '=')
        && Parser.ParseInput($"x {text}", out _, out var errors).EndBlock.Statements
            is [
                PipelineAst
                {
                    PipelineElements: [
                        CommandAst
                        {
                            CommandElements: [_, StringConstantExpressionAst { StringConstantType: StringConstantType.BareWord } word]
                        },
                    ]
                },
            ]
        && errors.Length == 0
        && word.Value == text;
}
