using System.Text.RegularExpressions;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Help;

/// <summary>The error ids that the sources have.</summary>
internal static partial class SourceErrors
{
    public static IReadOnlySet<string> All { get; } = Read();

    private static HashSet<string> Read()
    {
        var source = Path.Combine(Repository.Root, "src");
        var texts = Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories).Where(file => !file.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText).ToList();
        var assigned = texts.SelectMany(text => Assignment().Matches(text)).Select(match => match.Value).ToList();
        var ids = assigned.SelectMany(text => Literal().Matches(text)).Select(match => match.Groups["id"].Value).ToHashSet();

        // Where a method takes the id, its callers in the same file name it.
        ids.UnionWith(texts.Where(text => text.Contains("ErrorId = errorId,", StringComparison.Ordinal)).SelectMany(text => Literal().Matches(text)).Select(match => match.Groups["id"].Value));

        // $"{resource}NotFound", for each kind of resource.
        var resources = Name().Matches(Enumeration().Match(texts.Single(text => text.Contains("enum Resource", StringComparison.Ordinal))).Groups["names"].Value).Select(match => match.Value).ToList();
        ids.UnionWith(assigned.SelectMany(text => Composed().Matches(text)).SelectMany(match => resources.Select(resource => resource + match.Groups["end"].Value)));
        return ids;
    }

    [GeneratedRegex(@"\bErrorId (=|==|is) [^;,}]*(\}[A-Za-z]+"")?")]
    private static partial Regex Assignment();

    [GeneratedRegex(@"(?<!\$)""(?<id>[A-Z]\w+)""")]
    private static partial Regex Literal();

    [GeneratedRegex(@"\$""\{resource\}(?<end>\w+)""")]
    private static partial Regex Composed();

    [GeneratedRegex(@"enum Resource\s*\{(?<names>[^}]*)\}")]
    private static partial Regex Enumeration();

    [GeneratedRegex(@"\b[A-Z]\w+")]
    private static partial Regex Name();
}
