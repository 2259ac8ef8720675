using System.Text.RegularExpressions;

namespace Containerd.PowerShell.Tests.Help;

/// <summary>
/// What stays the same in a text from one run to the next: without process ids, digests, times, sizes and versions, and without the widths
/// of columns that follow from them.
/// </summary>
internal static partial class SteadyText
{
    // Columns of numbers that are anybody's guess; all of them are right-aligned.
    private static readonly string[] Columns = ["Pid", "Parent", "Id"];

    public static string Of(string text)
    {
        var lines = text.Split('\n').Select(line => line.TrimEnd()).ToArray();
        for (var i = 1; i < lines.Length; i++)
        {
            if (lines[i].Length > 0 && lines[i].All(letter => letter is '-' or ' '))
                MaskBelow(lines, i);
        }

        var steady = string.Join('\n', lines);
        steady = Moment().Replace(steady, "<time>");
        steady = Hash().Replace(steady, "<hash>");
        steady = Size().Replace(steady, "<size>");
        steady = Percent().Replace(steady, "<percent>");
        steady = Version().Replace(steady, "<version>");
        steady = ProcessId().Replace(steady, "<pid>");
        steady = Folder().Replace(steady, "<folder>");
        steady = Processor().Replace(steady, "<processor>");
        steady = Dashes().Replace(steady, "--");
        return string.Join('\n', steady.Split('\n').Select(line => Spaces().Replace(line, " ").Trim()).Where(line => line.Length > 0));
    }

    private static void MaskBelow(string[] lines, int dashes)
    {
        var header = lines[dashes - 1];
        foreach (var column in Columns)
        {
            var name = Regex.Match(header, $@"(?<!\S){column}(?!\S)");
            var end = name.Index + name.Length;
            for (var i = dashes + 1; name.Success && i < lines.Length && lines[i].Length > 0; i++)
            {
                var before = lines[i].Length < end ? "" : lines[i][..end];
                var number = before.Length - before.TrimEnd("0123456789".ToCharArray()).Length;
                // As wide as it was, so that the columns behind it stay where they are.
                if (number > 0)
                    lines[i] = lines[i][..(end - number)] + new string('#', number) + lines[i][end..];
            }
        }

        for (var i = dashes + 1; i < lines.Length && lines[i].Length > 0; i++)
            lines[i] = Regex.Replace(lines[i], "#+", "<number>");
    }

    [GeneratedRegex(@"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?|\d+:\d\d(:\d\d)?(\.\d+)?")]
    private static partial Regex Moment();

    [GeneratedRegex(@"\b[0-9a-f]{12,}\b")]
    private static partial Regex Hash();

    [GeneratedRegex(@"\b\d+(\.\d+)?([KMG]i)?B\b")]
    private static partial Regex Size();

    [GeneratedRegex(@"\b\d+(\.\d+)?%")]
    private static partial Regex Percent();

    [GeneratedRegex(@"\b\d+\.\d+\.\d+(~\w+)?(-\S+)?")]
    private static partial Regex Version();

    [GeneratedRegex(@"(?<=\b(Task|Pid *:) )\d+")]
    private static partial Regex ProcessId();

    [GeneratedRegex(@"/\S*containerd-tour-\S*")]
    private static partial Regex Folder();

    [GeneratedRegex(@"\b(amd64|arm64|x86_64|aarch64)\b")]
    private static partial Regex Processor();

    [GeneratedRegex("-{2,}")]
    private static partial Regex Dashes();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
