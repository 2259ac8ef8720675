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

    [Fact]
    public void The_text_of_a_cancellation_token_is_the_usual_one()
    {
        var sources = Directory
            .EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));
        var texts = sources.SelectMany(file => Token().Matches(File.ReadAllText(file)).Select(match => (match.Value, File: file))).ToList();
        Assert.True(texts.Count > 150, $"Only {texts.Count} texts were found.");
        Assert.Empty(
            texts
                .Where(text =>
                    !text.Value.Contains("The token to monitor for cancellation requests.", StringComparison.Ordinal)
                    // The parameters of a delegate: its implementation receives them.
                    && !text.Value.Contains("Canceled when ", StringComparison.Ordinal)
                )
                .Select(text => $"{Path.GetFileName(text.File)}: {text.Value}")
        );
    }

    [GeneratedRegex(@"<param name=""cancellationToken"">[^<]*")]
    private static partial Regex Token();

    // The comment, the attributes and the property.
    [GeneratedRegex(
        @"(?<text>(?:^    ///[^\n]*\n)+)(?:    \[[^\n]*\n(?:        [^\n]*\n|    \)\]\n)*)*    public (?:virtual |override |new )?[\w\[\]?<>]+ (?<name>\w+) \{ get;",
        RegexOptions.Multiline
    )]
    private static partial Regex Property();

    [GeneratedRegex(@"\s*///\s*")]
    private static partial Regex Slashes();
}
