using System.Text.RegularExpressions;
using Containerd.Testing;

namespace Containerd.Client.Tests.Architecture;

/// <summary>
/// The text of a parameter that several cmdlets have is written once: on the interface that declares it, or on one of the cmdlets. The
/// others refer to it (<c>inheritdoc</c>), and the help follows the reference.
/// </summary>
public sealed partial class ParameterTextTests
{
    private static IEnumerable<string> Sources =>
        Directory.EnumerateFiles(
            Path.Combine(Repository.Root, "src", "Containerd.PowerShell", "Commands"),
            "*.cs",
            SearchOption.AllDirectories
        );

    [Fact]
    public void The_text_of_a_shared_parameter_is_written_once()
    {
        var texts = (
            from file in Sources
            from Match match in Property().Matches(File.ReadAllText(file))
            let text = Slashes().Replace(match.Groups["text"].Value, " ").Trim()
            where !text.Contains("inheritdoc", StringComparison.Ordinal)
            select (Parameter: match.Groups["name"].Value, Text: text, File: Path.GetFileName(file))
        ).ToList();
        Assert.True(texts.Count > 250, $"Only {texts.Count} parameters were found.");
        Assert.Empty(
            texts
                .GroupBy(text => (text.Parameter, text.Text))
                .Where(group => group.Count() > 1)
                .Select(group => $"-{group.Key.Parameter}: {string.Join(", ", group.Select(text => text.File))}")
        );
    }

    // The comment, the attributes and the property.
    [GeneratedRegex(
        @"(?<text>(?:^    ///[^\n]*\n)+)(?:    \[[^\n]*\n(?:        [^\n]*\n|    \)\]\n)*)*    public (?:virtual |override |new )?[\w\[\]?<>]+ (?<name>\w+) \{ get;",
        RegexOptions.Multiline
    )]
    private static partial Regex Property();

    [GeneratedRegex(@"\s*///\s*")]
    private static partial Regex Slashes();
}
