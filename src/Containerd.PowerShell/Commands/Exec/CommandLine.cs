using System.Management.Automation;
using System.Text.RegularExpressions;

namespace Containerd.PowerShell;

/// <summary>
/// The arguments of a command as they were typed. PowerShell parses <c>{}</c> as a script block, <c>1,5p</c> as an array and <c>-p:$x</c>
/// as a parameter with its argument; the process in the container must get the text, like a native command. If the values are not
/// sufficient, the text of the statement is examined.
/// </summary>
internal sealed partial class CommandLine
{
    private readonly string _statement;
    private readonly string _squeezed;

    private CommandLine(string statement)
    {
        _statement = statement;
        _squeezed = Squeeze(statement);
    }

    internal static List<string> FromWords(IEnumerable<object?> words, PSCmdlet cmdlet)
    {
        // Line is only the first line; the whole statement is available in PowerShell 7.4 and later.
        var invocation = cmdlet.MyInvocation;
        var statement = PSObject.AsPSObject(invocation).Properties["Statement"]?.Value as string ?? "";
        var line = new CommandLine(statement.Length > 0 ? statement : invocation.Line ?? "").Read(words);
        UnknownParameter.Refuse(cmdlet, statement, line.FirstOrDefault());
        return line;
    }

    private List<string> Read(IEnumerable<object?> words)
    {
        var line = new List<string>();
        var glue = false;
        foreach (var text in words.SelectMany(Texts))
        {
            if (glue)
                line[^1] += text;
            else
                line.Add(text);
            glue = !glue && IsGluedToItsArgument(text);
        }

        return line;
    }

    /// <summary>An array that was typed with commas is one argument; an array in a variable is one argument for each element.</summary>
    private IEnumerable<string> Texts(object? word)
    {
        if ((word is PSObject wrapped ? wrapped.BaseObject : word) is not object[] list)
            return [Text(word)];
        var joined = string.Join(',', list.Select(Text));
        return _squeezed.Contains(Squeeze(joined), StringComparison.Ordinal) ? [joined] : list.Select(Text);
    }

    private bool IsGluedToItsArgument(string text)
    {
        if (text.Length < 3 || text[0] != '-' || text[^1] != ':')
            return false;
        for (
            var at = _statement.IndexOf(text, StringComparison.Ordinal);
            at >= 0;
            at = _statement.IndexOf(text, at + 1, StringComparison.Ordinal)
        )
        {
            var end = at + text.Length;
            if (at > 0 && char.IsWhiteSpace(_statement[at - 1]) && end < _statement.Length && !char.IsWhiteSpace(_statement[end]))
                return true;
        }

        return false;
    }

    private static string Text(object? word) =>
        (word is PSObject wrapped ? wrapped.BaseObject : word) switch
        {
            null => "",
            string text => text,
            ScriptBlock block => "{" + block + "}",
            object[] list => string.Join(',', list.Select(Text)),
            // Not the unwrapped value: the wrapper of a number contains the typed text (007, 1.0).
            _ => LanguagePrimitives.ConvertTo<string>(word),
        };

    /// <summary>Removes quotes, and spaces around commas.</summary>
    private static string Squeeze(string text) =>
        Blanks().Replace(text, ",").Replace("'", "", StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal);

    [GeneratedRegex(@"\s*,\s*")]
    private static partial Regex Blanks();
}
