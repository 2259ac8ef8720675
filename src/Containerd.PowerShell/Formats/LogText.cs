using System.Diagnostics;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace Containerd.PowerShell;

/// <summary>Shows a line of a log, including one from a job or a remote session. The view of the type calls it.</summary>
public static partial class LogText
{
    /// <summary>The property of lines of several containers that names the container of a line.</summary>
    internal const string Origin = "Origin";

    /// <summary>The line as a view shows it: without colors, and with visible characters instead of other control characters.</summary>
    /// <param name="line">The line.</param>
    /// <returns>The text; if several containers are read, after the name of its container.</returns>
    public static string Line(PSObject line)
    {
        ArgumentNullException.ThrowIfNull(line);
        var text = line.Properties[nameof(CtrLogLine.Text)]?.Value?.ToString() ?? line.ToString();
        var shown = Visible(text);
        // Unchanged, like a text that is piped into a program.
        var origin = line.Properties[Origin]?.Value?.ToString();
        if ((origin is not null || shown != text) && IsForProgram())
            return text;
        return origin is not null ? $"{CtrText.VisibleLine(origin)} | {shown}" : shown;
    }

    internal static string Visible(string text) =>
        CtrText.Visible(text.Contains('\u001b', StringComparison.Ordinal) ? Colours().Replace(text, "") : text);

    /// <summary>
    /// Whether the engine is creating text for the standard input of a program, for which it uses views, as for a screen. Only the engine's
    /// call stack shows that; if it is not recognized, the text is shown as on a screen.
    /// </summary>
    private static bool IsForProgram()
    {
        var names = new StackTrace(fNeedFileInfo: false)
            .GetFrames()
            .Select(frame => frame.GetMethod()?.DeclaringType?.Name)
            .SkipWhile(name => name != "OutStringCommand")
            .SkipWhile(name => name is "OutStringCommand" or "Cmdlet" or "PSCmdlet");
        foreach (var name in names)
        {
            if (name == "NativeCommandProcessor")
                return true;
            if (name is "PipelineOps" or "OutStringCommand")
                return false;
        }

        return false;
    }

    [GeneratedRegex(@"\u001b\[[0-9;:]*m")]
    private static partial Regex Colours();
}
