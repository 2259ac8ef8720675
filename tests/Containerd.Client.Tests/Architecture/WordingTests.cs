using System.Text.RegularExpressions;
using Containerd.Testing;

namespace Containerd.Client.Tests.Architecture;

/// <summary>
/// All texts are plain technical English: documentation, help, messages, comments and the names of tests. These tests find phrases that
/// were removed because they read as translated. The phrases are unambiguous: a correct sentence does not need them.
/// </summary>
public sealed partial class WordingTests
{
    private static readonly string[] Phrases =
    [
        "anew",
        "all there is",
        "are no error",
        "are no part of",
        "as it pleases",
        "behind itself",
        "come back to with",
        "did not let us in",
        "fare better",
        "goes no faster",
        "gone on with",
        "had back",
        "had from",
        "hang together",
        "in the place of",
        "is no error",
        "is no more",
        "is no part of",
        "is none of",
        "its time was over",
        "left to its own",
        "left to itself",
        "let go of",
        "lets go of",
        "letting go",
        "no such word",
        "nobody asked",
        "nobody asks",
        "nobody can",
        "nobody else",
        "nobody foresaw",
        "nobody holds",
        "nobody knows",
        "nobody reads",
        "nobody sees",
        "nobody waits",
        "nobody wants",
        "nobody will",
        "of this decade",
        "so many earlier",
        "somebody",
        "spoils no other",
        "taken away",
        "takes away",
        "the time is over",
        "to be come back",
        "to be had",
        "what it is made of",
        "which is no",
        "whoever",
    ];

    private static readonly string[] Extensions = [".cs", ".csproj", ".md", ".props", ".ps1", ".ps1xml", ".psd1", ".sh", ".txt"];

    private static readonly string[] Folders = ["docs", "src", "tests"];

    private static readonly Regex Found = Pattern(Phrases);

    [Fact]
    public void No_text_contains_a_phrase_that_reads_as_translated()
    {
        var files = Directory.EnumerateFiles(Repository.Root, "*.md").Concat(Folders.SelectMany(FilesOf)).ToList();
        Assert.True(files.Count > 1000, $"{files.Count}");
        Assert.Empty(
            files.SelectMany(file =>
            {
                var text = File.ReadAllText(file);
                return Found
                    .Matches(text)
                    .Select(match =>
                        $"{Path.GetRelativePath(Repository.Root, file)}:{text.AsSpan(0, match.Index).Count('\n') + 1}: {match.Value}"
                    );
            })
        );
    }

    [Theory]
    [InlineData("// Whoever removes it has to wait.")]
    [InlineData("public void The_store_is_read_anew()")]
    [InlineData("/// A process that is left to\n    /// itself has no input.")]
    [InlineData("# The command is left to\n# itself.")]
    public void A_phrase_is_found_in_comments_over_two_lines_and_in_names_of_tests(string text) => Assert.Matches(Found, text);

    [Theory]
    [InlineData("The user nobody has the number 65534.")]
    [InlineData("The manewer of a fan is new.")]
    [InlineData("It takes a way around.")]
    public void Other_words_are_not(string text) => Assert.DoesNotMatch(Found, text);

    private static IEnumerable<string> FilesOf(string folder) =>
        Directory
            .EnumerateFiles(Path.Combine(Repository.Root, folder), "*", SearchOption.AllDirectories)
            .Where(file =>
                Extensions.Contains(Path.GetExtension(file))
                && !BuildOutput().IsMatch(file)
                && Path.GetFileName(file) != $"{nameof(WordingTests)}.cs"
            );

    // Words are separated by spaces, by the underscores of a name, or by the end of a line and the start of the next comment line.
    private static Regex Pattern(IEnumerable<string> phrases) =>
        new(
            $"(?<![A-Za-z])(?:{string.Join('|', phrases.Select(phrase => phrase.Replace(" ", Gap, StringComparison.Ordinal)))})(?![A-Za-z])",
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Compiled
        );

    private const string Gap = @"(?:[ _]|\r?\n[ \t]*(?:///?|#)?[ \t]*)";

    [GeneratedRegex(@"[\\/](obj|bin)[\\/]")]
    private static partial Regex BuildOutput();
}
