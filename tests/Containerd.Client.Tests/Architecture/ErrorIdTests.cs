using System.Text.RegularExpressions;
using Containerd.Testing;

namespace Containerd.Client.Tests.Architecture;

/// <summary>Each error id is one documented constant, which the code, the tests and the documentation share.</summary>
public sealed partial class ErrorIdTests
{
    // These words are equal to an error id and are something else: the name of an event or of a tag, a status of gRPC, a part of an id.
    private static readonly (string File, string Literal)[] OtherWords =
    [
        ("DefaultRecommendations.cs", "Conflict"),
        ("DefaultRecommendations.cs", "NotFound"),
        ("EventDecoder.cs", "TaskPaused"),
        ("ExecOutputTests.cs", "StandardError"),
        ("ImageArchiveTests.cs", "PlatformNotAvailable"),
        ("MessageCmdlet.cs", "StandardError"),
        ("PublicMethodTests.cs", "NotSupported"),
        ("PublicMethodTests.cs", "OutOfMemory"),
        ("TraceTests.cs", "NotFound"),
        ("UnreachableDaemonTests.cs", "PermissionDenied"),
        ("ViewTests.cs", "PlatformNotAvailable"),
    ];

    private static readonly HashSet<string> Ids =
    [
        .. typeof(ErrorIds).GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!),
    ];

    [Fact]
    public void The_value_of_a_constant_is_its_name()
    {
        Assert.True(Ids.Count > 300, $"{Ids.Count}");
        Assert.Equal(typeof(ErrorIds).GetFields().Select(field => field.Name).Order(), Ids.Order());
    }

    [Fact]
    public void An_error_id_is_written_as_its_constant()
    {
        // This file lists words that are equal to ids.
        var files = Sources("src").Concat(Sources("tests")).Where(file => !file.EndsWith("ErrorIdTests.cs", StringComparison.Ordinal));
        var flaws = new List<string>();
        foreach (var file in files)
        {
            var text = File.ReadAllText(file);
            var name = Path.GetFileName(file);
            flaws.AddRange(
                StringLiterals
                    .Of(text)
                    .Where(literal => Ids.Contains(literal) && !OtherWords.Contains((name, literal)) && name != "ErrorIds.cs")
                    .Concat(file.Contains("/src/", StringComparison.Ordinal) ? WrittenIds().Matches(text).Select(match => match.Value) : [])
                    .Select(flaw => $"{Path.GetRelativePath(Repository.Root, file)}: {flaw}")
            );
        }

        Assert.Empty(flaws);
    }

    [Fact]
    public void Every_constant_is_used()
    {
        var used = Sources("src").SelectMany(file => Uses().Matches(File.ReadAllText(file))).Select(match => match.Groups["id"].Value);
        Assert.Empty(Ids.Except(used));
    }

    [Fact]
    public void The_troubleshooting_page_has_a_row_with_the_text_of_each_constant()
    {
        var documented = Constants()
            .Matches(File.ReadAllText(Path.Combine(Repository.Root, "src/Containerd/Errors/ErrorIds.cs")))
            .ToDictionary(match => match.Groups["id"].Value, match => OneLine(match.Groups["text"].Value));
        Assert.Equal(Ids.Order(StringComparer.Ordinal), documented.Keys.Order(StringComparer.Ordinal));
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs/troubleshooting.md"));
        var rows = Rows().Matches(page).Select(match => match.Value.TrimEnd());
        Assert.Equal(documented.OrderBy(id => id.Key, StringComparer.Ordinal).Select(id => $"| `{id.Key}` | {id.Value} |"), rows);
    }

    [Fact]
    public void Documentation_names_only_ids_that_exist()
    {
        var pages = Directory
            .EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".md" or ".txt");
        var named = pages.SelectMany(file =>
            LooksLikeId().Matches(File.ReadAllText(file)).Select(match => (File: Path.GetFileName(file), Id: match.Value))
        );
        Assert.Contains(named, name => name.Id == ErrorIds.ContainerNotFound);
        // The other one is a category of PowerShell.
        Assert.DoesNotContain(named, name => !Ids.Contains(name.Id) && name.Id != "ObjectNotFound");
    }

    private static IEnumerable<string> Sources(string folder) =>
        Directory
            .EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    private static string OneLine(string text) => Breaks().Replace(text, " ").Trim();

    // An id that is composed, or that has no constant yet.
    [GeneratedRegex(@"\bErrorId(: | (=|==|!=|is|is not|=>) )\$?""[^""]*""")]
    private static partial Regex WrittenIds();

    [GeneratedRegex(@"\bErrorIds\.(?<id>\w+)")]
    private static partial Regex Uses();

    [GeneratedRegex(@"<summary>(?<text>[^<]*)</summary>\s*public const string (?<id>\w+) =")]
    private static partial Regex Constants();

    [GeneratedRegex(@"\s*\n\s*///\s*")]
    private static partial Regex Breaks();

    [GeneratedRegex(@"^\| `[A-Z]\w+` \| .*$", RegexOptions.Multiline)]
    private static partial Regex Rows();

    [GeneratedRegex(@"\b[A-Z][a-z]+[A-Za-z]*(NotFound|NotSupported|NotReadable|NotWritable|NotRunning|TimedOut|TooLarge)\b")]
    private static partial Regex LooksLikeId();
}
