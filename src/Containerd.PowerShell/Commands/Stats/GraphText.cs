namespace Containerd.PowerShell;

/// <summary>
/// A graph on one line: one character for each value, as block elements or, for a console without them, as ASCII characters.
/// </summary>
internal static class GraphText
{
    private const string Blocks = "▁▂▃▄▅▆▇█";
    private const string Ascii = "_.:-=+*#";

    /// <summary>
    /// Whether this console shows block elements: its locale has UTF-8, and it is not the kernel's own console, whose font lacks most of
    /// them.
    /// </summary>
    internal static bool HasBlocks =>
        OperatingSystem.IsWindows()
            ? Console.OutputEncoding.CodePage == 65001
            : Environment.GetEnvironmentVariable("TERM") is not ("linux" or "dumb" or "vt100" or "vt220")
                && Locale.Replace("-", "", StringComparison.Ordinal).Contains("UTF8", StringComparison.OrdinalIgnoreCase);

    // The first one that is set is used, as in other programs.
    private static readonly string[] LocaleVariables = ["LC_ALL", "LC_CTYPE", "LANG"];

    private static string Locale =>
        LocaleVariables.Select(Environment.GetEnvironmentVariable).FirstOrDefault(value => value is { Length: > 0 }) ?? "";

    /// <summary>Draws values.</summary>
    /// <param name="values">The values; a value that is not known is a space.</param>
    /// <param name="full">The value that a full block stands for.</param>
    /// <param name="blocks">Whether block elements can be used.</param>
    internal static string Draw(IEnumerable<double?> values, double full, bool blocks)
    {
        var levels = blocks ? Blocks : Ascii;
        return string.Concat(
            values.Select(value => value is { } known ? levels[(int)Math.Clamp(known / full * levels.Length, 0, levels.Length - 1)] : ' ')
        );
    }
}
