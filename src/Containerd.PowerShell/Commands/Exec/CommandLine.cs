using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// The words of a command as they were typed. PowerShell reads a script block in <c>{}</c>, an array in <c>1,5p</c> and a parameter in <c>-p:x</c>; the process
/// in the container is to get the text.
/// </summary>
internal static class CommandLine
{
    /// <summary>The note that the engine leaves on a word that it took for a parameter's name.</summary>
    private const string ParameterNote = "<CommandParameterName>";

    internal static List<string> FromWords(IEnumerable<object?> words)
    {
        var line = new List<string>();
        var glue = false;
        foreach (var word in words)
        {
            var text = Text(word);
            if (glue)
                line[^1] += text;
            else
                line.Add(text);
            // -p:$x comes as the parameter "-p:" and its argument.
            glue = !glue && text.EndsWith(':') && word is PSObject note && note.Properties[ParameterNote] is not null;
        }

        return line;
    }

    private static string Text(object? word)
    {
        var value = word is PSObject wrapped ? wrapped.BaseObject : word;
        return value switch
        {
            null => "",
            string text => text,
            ScriptBlock block => "{" + block + "}",
            object[] list => string.Join(',', list.Select(Text)),
            bool flag => flag ? "True" : "False",
            // Not the unwrapped value: a number's wrapper knows how it was typed (007, 1.0).
            _ => LanguagePrimitives.ConvertTo<string>(word),
        };
    }
}
