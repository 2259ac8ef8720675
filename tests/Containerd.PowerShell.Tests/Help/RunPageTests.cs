using System.Text.RegularExpressions;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Help;

/// <summary>docs/run.md has each flag of docker run and nerdctl run once, and names parameters that exist.</summary>
public sealed partial class RunPageTests
{
    // Sections whose rows do not need a parameter of ours.
    private static readonly string[] WithoutParameter = ["Planned", "Left out"];

    // What a parameter without a cmdlet belongs to.
    private static readonly string[] Creators = ["New-CtrContainer", "Invoke-CtrContainer"];

    private static readonly IReadOnlyList<Row> Rows = [.. ReadRows()];

    [Fact]
    public void Each_flag_has_one_row_that_names_the_programs_that_have_it()
    {
        var expected = Facts()
            .SelectMany(fact => fact.Flags.Select(flag => (Flag: flag, fact.Programs)))
            .GroupBy(fact => fact.Flag, StringComparer.Ordinal)
            .Select(flag => $"{flag.Key} {string.Join(' ', flag.SelectMany(f => f.Programs).Distinct().Order(StringComparer.Ordinal))}")
            // A short form that only one of them has is in the row of both.
            .Select(line => line == "-c docker" ? "-c docker nerdctl" : line);
        var found = Rows.SelectMany(row => row.Flags);
        Assert.Equal(expected.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Each_parameter_and_cmdlet_of_the_page_exists()
    {
        var missing = new List<string>();
        foreach (var row in Rows)
        {
            var named = 0;
            foreach (Match code in Code().Matches(row.Text))
            {
                var words = code.Groups[1].Value.Split(' ');
                var cmdlets = ExportedCommands.Has(words[0]) ? [words[0]] : Creators;
                if (
                    CmdletName().IsMatch(words[0])
                    && words[0].Contains("-Ctr", StringComparison.Ordinal)
                    && !ExportedCommands.Has(words[0])
                )
                    missing.Add(words[0]);
                named += ExportedCommands.Has(words[0]) || words[0] is "Get-Help" or "$ProgressPreference" ? 1 : 0;
                foreach (var parameter in words.Where(word => Parameter().IsMatch(word)))
                {
                    named++;
                    missing.AddRange(
                        cmdlets.Where(cmdlet => !ExportedCommands.Has(cmdlet, parameter[1..])).Select(cmdlet => $"{cmdlet} {parameter}")
                    );
                }
            }

            if (named == 0 && row.Section != "With New-CtrSpec" && !WithoutParameter.Contains(row.Section))
                missing.Add($"{row.Flags[0]}: the row names no parameter");
        }

        Assert.Empty(missing);
    }

    [Fact]
    public void The_comparison_has_no_other_parameter_for_a_flag()
    {
        var comparison = File.ReadAllText(Path.Combine(Repository.Root, "docs", "comparison.md"));
        var start = comparison.IndexOf("## Flags of run", StringComparison.Ordinal);
        var section = comparison[start..comparison.IndexOf("\n## ", start + 1, StringComparison.Ordinal)];
        var byFlag = Rows.SelectMany(row => row.Flags.Select(flag => (Flag: flag.Split(' ')[0], row)))
            .GroupBy(pair => pair.Flag, StringComparer.Ordinal)
            .ToDictionary(pairs => pairs.Key, pairs => pairs.First().row, StringComparer.Ordinal);
        var checkedFlags = 0;
        foreach (Match line in TableRow().Matches(section))
        {
            var ours = Words(line.Groups[2].Value);
            foreach (Match code in Code().Matches(line.Groups[1].Value))
            {
                if (!byFlag.TryGetValue(code.Groups[1].Value.Split(' ')[0], out var row) || WithoutParameter.Contains(row.Section))
                    continue;
                checkedFlags++;
                Assert.True(Words(row.Text).Any(ours.Contains), $"{code.Value}: {line.Groups[2].Value} and {row.Text}");
            }
        }

        Assert.True(checkedFlags > 40, $"{checkedFlags}");

        static HashSet<string> Words(string text) =>
            [.. Code().Matches(text).SelectMany(code => code.Groups[1].Value.Split(' ')).Where(word => Parameter().IsMatch(word))];
    }

    private static IEnumerable<(string[] Programs, string[] Flags)> Facts() =>
        File.ReadLines(Path.Combine(Repository.Root, "tests", "Containerd.PowerShell.Tests", "Help", "Facts", "run-flags.txt"))
            .Where(line => !line.StartsWith('#'))
            .Select(line => line.Split(' '))
            .Select(words =>
                ((string[])[.. words.Where(word => !word.StartsWith('-'))], (string[])[.. words.Where(word => word.StartsWith('-'))])
            );

    private static IEnumerable<Row> ReadRows()
    {
        var section = "";
        foreach (var line in File.ReadLines(Path.Combine(Repository.Root, "docs", "run.md")))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
                section = line[3..];
            if (TableRow().Match(line) is not { Success: true } row || !row.Groups[1].Value.Contains('`', StringComparison.Ordinal))
                continue;
            var (first, text) = (row.Groups[1].Value, row.Groups[2].Value);
            var only =
                first.Contains("(Docker)", StringComparison.Ordinal) ? "docker"
                : first.Contains("(nerdctl)", StringComparison.Ordinal) ? "nerdctl"
                : "docker nerdctl";
            yield return new Row(section, [.. Code().Matches(first).Select(code => $"{code.Groups[1].Value} {only}")], text);
        }
    }

    /// <param name="Section">The heading above the table.</param>
    /// <param name="Flags">Each flag, with the programs that have it.</param>
    /// <param name="Text">The other cell.</param>
    private sealed record Row(string Section, IReadOnlyList<string> Flags, string Text);

    [GeneratedRegex(@"(?m)^\|([^|]*)\|(.*)\|$")]
    private static partial Regex TableRow();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex("^-[A-Z][A-Za-z0-9]+$")]
    private static partial Regex Parameter();

    [GeneratedRegex("^[A-Z][a-z]+-[A-Z][A-Za-z]+$")]
    private static partial Regex CmdletName();
}
