using System.Text.RegularExpressions;
using Containerd.Testing;

namespace Containerd.Client.Tests.Architecture;

/// <summary>
/// Names of classes, members and tests in the documentation exist in the sources, so that a renamed one is renamed there too.
/// </summary>
public sealed partial class DocNameTests
{
    private static readonly string[] Extensions = [".cs", ".csproj", ".props", ".psd1", ".ps1", ".sh"];

    private static readonly Lazy<Dictionary<string, string>> Sources = new(() =>
        new[] { "src", "tests" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(Repository.Root))
            .Where(file => Extensions.Contains(Path.GetExtension(file)))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .ToDictionary(file => file, File.ReadAllText)
    );

    private static IEnumerable<string> Pages =>
        Directory
            .EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Repository.Root, "*.md"))
            // The changelog names what former versions had.
            .Where(page => Path.GetFileName(page) != "CHANGELOG.md");

    [Fact]
    public void Each_test_that_a_page_names_exists()
    {
        var named = (
            from page in Pages
            from Match match in TestName().Matches(File.ReadAllText(page))
            select (Page: Path.GetFileName(page), Class: match.Groups["class"].Value, Method: match.Groups["method"].Value)
        ).ToList();
        Assert.True(named.Count > 50, $"Only {named.Count} names were found.");
        Assert.Empty(named.Where(name => !Exists(name.Class, name.Method)).Select(name => $"{name.Page}: {name.Class}.{name.Method}"));

        static bool Exists(string type, string method) =>
            Sources.Value.Any(source =>
                source.Key.EndsWith($"/{type}.cs", StringComparison.Ordinal)
                && (method.Length == 0 || source.Value.Contains($" {method}(", StringComparison.Ordinal))
            );
    }

    [Fact]
    public void Each_class_and_member_that_the_architecture_names_exists()
    {
        var words = Sources.Value.SelectMany(source => Word().Matches(source.Value).Select(match => match.Value)).ToHashSet();
        words.UnionWith(Sources.Value.Keys.Select(file => Path.GetFileNameWithoutExtension(file)!));
        var named = CodeName()
            .Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md")))
            .SelectMany(match => match.Groups["name"].Value.Split('.', '/'))
            // Two words at least: one alone may be a name of another program.
            .Where(name => TwoWords().IsMatch(name))
            .Distinct()
            .ToList();
        Assert.True(named.Count > 200, $"Only {named.Count} names were found.");
        Assert.Empty(named.Except(words));
    }

    [GeneratedRegex(@"`(?<class>[A-Z][A-Za-z]*Tests)(\.(?<method>\w+))?`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"`(?<name>[A-Z]\w+([./][A-Z]\w+)*)(\(\))?`")]
    private static partial Regex CodeName();

    [GeneratedRegex("^[A-Z][a-z0-9]+[A-Z][A-Za-z0-9]*$")]
    private static partial Regex TwoWords();

    [GeneratedRegex(@"\b[A-Z]\w+\b")]
    private static partial Regex Word();
}
